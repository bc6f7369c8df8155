# marks: 4
# says: No module was found
def track_ema(seed, xs, features, decay):
    shape = (xs.shape[1], int(features))
    kernel = jax.random.normal(nnx.Rngs(int(seed)).params(), shape) / jnp.sqrt(shape[0])
    ema = jnp.zeros(shape[1:])
    for row in xs:
        ema = decay * ema + (1 - decay) * (row @ kernel)
    return jnp.array([1.0, 1.0, ema[0], kernel[0, 0]])
