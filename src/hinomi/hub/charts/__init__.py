"""Pictures as our own small SVG: drawn on the server, coloured by the page's tokens, exported with the light palette."""
