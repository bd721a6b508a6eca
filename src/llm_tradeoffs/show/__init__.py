"""Faces: how answers look to a person. Nothing here computes; everything here is loaded when somebody looks."""
