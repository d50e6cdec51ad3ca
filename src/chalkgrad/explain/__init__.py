"""The worked solution: one lesson, arranged here as data, printed by one renderer for each form.

- `view`: which wires are shown, and under which names
- `forward_pass`, `backward_pass`, `notes`: the lines of the lesson
- `lesson`: what a lesson is
- `working`: from a formula to its lesson, with all numbers
- `text`, `markdown`, `html`, `picture`, `record`: the five renderings (terminal, Markdown, page, SVG, JSON)
"""
