"""The tools of the course on Flax NNX state: building its notebooks, and marking them.

Data flows one way: `source/` -> `release/` -> `submitted/` -> `autograded/` and the gradebook ->
`feedback/` and reports.
"""
