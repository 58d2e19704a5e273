"""Reads ONNX files as data and makes torch networks of them, that can be looked into like any other."""
