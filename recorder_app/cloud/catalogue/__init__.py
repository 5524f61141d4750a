"""The tables behind ``error_codes``: one module per family of codes, in the order of the documents."""
