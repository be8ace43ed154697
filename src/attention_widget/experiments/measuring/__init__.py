"""Numbers of attention, by measures that a model is needed for."""
