"""Where submissions run: a fork server that has imported jax and flax once, in walls, and a child of it for each.

`inside/` is what runs within the walls, and imports nothing of the course. The other modules are the
trusted side: `server` starts the fork server and talks to its children, `cache` keeps compiled programs,
and `execute` makes it the way nbgrader executes a notebook.
"""
