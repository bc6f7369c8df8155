# marks: 0
variable_vs_param = range
