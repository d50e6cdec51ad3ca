"""The doctor's diagnosis for people and programs.

- `answer`: the diagnosis as an object that shows itself, with its numbers as plain Python
- `sections`: the handout, of which text, Markdown and page are made
- `picture`: the graph with the sick wires marked
- `record`: JSON, whose schema is docs/doctor.schema.json
"""
