"""The worked solution: one lesson, arranged here as data, printed by one renderer for each form.

- `functions`: a function of NumPy code, read for its solution
- `view`: which wires are shown, and under which names
- `forward_pass`, `backward_pass`, `notes`: the lines of the lesson
- `lesson`: what a lesson is
- `numbers`, `working`: from a formula to all its numbers, and to its lesson
- `text`, `markdown`, `html`, `svg`, `record`: the five renderings (terminal, Markdown, page, picture, JSON);
  `picture` draws
- `derivations`, `judges`, `gate_table`: the other answers; `handout` is the form in which the first two are written
"""
