"""Which calls of a model are legal: the input-spec grammar, nested values and the input domain."""
