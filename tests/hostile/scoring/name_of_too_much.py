# marks: 0
variable_vs_param = jnp.zeros(10_000_000)
