"""What runs within the walls. It is bound there alone, as a package `inside`, and imports nothing of the course."""
