"""The kinds of traffic that reach a telescope, one file each; scenarios are made of them."""
