SET LOCAL gqlsvl.stringify_numerics = on;
