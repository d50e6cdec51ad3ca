"""A handout: sections of sentences, lines and tables, for answers that are no forward and backward pass.

- `model`: what a handout is
- `text`, `markdown`, `html`: its renderings, made of the same pieces as those of a worked solution
- `record`: its lines as JSON holds them
"""
