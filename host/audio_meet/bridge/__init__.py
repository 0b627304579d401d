"""The verb that empties a bridge, and the restart of one that carries somebody."""
