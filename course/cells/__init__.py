"""Code that the notebooks share: `nnx-course release` puts each module into a locked cell, as text.

A release notebook is one self-contained file, so a module here imports only what every student
has: the standard library, jax, flax, optax, numpy and matplotlib.
"""
