"""OMERO's query language: parsed with lark, resolved against the model, compiled to SQL."""
