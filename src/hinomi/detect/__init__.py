"""Events → findings. Pure: a detector is a declaration, a query for the engine and a judgement over its small result."""
