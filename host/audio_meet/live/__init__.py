"""What runs, against what it was made from: rules in the kernel, limits, sockets that daemons opened."""
