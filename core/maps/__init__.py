"""Maps: features reduced to 2D or 3D, neighbours and outlier scores."""
