"""The command line: `chalkgrad work | check | derive | losses | compare | gates`.

Answers go to standard output, letters to standard error. Exit codes: 0 answered, 1 answered, but something is not finite or
sick, 2 refused.
"""

import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import click
from click.shell_completion import get_completion_class

from chalkgrad.app.arguments import assignments, contents, form_of, save, values_from
from chalkgrad.app.examination import doctor as examine_formula
from chalkgrad.app.minus import is_formula
from chalkgrad.app.papers import check_file
from chalkgrad.app.progress import Bar
from chalkgrad.app.session import work as work_formula
from chalkgrad.errors import ChalkgradError
from chalkgrad.explain.checked import ClassChecked
from chalkgrad.explain.derivations import derive as derive_gate
from chalkgrad.explain.exercises import exercise as make_exercises
from chalkgrad.explain.gate_table import GateTable
from chalkgrad.explain.judges import compare as compare_classifiers
from chalkgrad.explain.judges import losses as judge_scores
from chalkgrad.explain.rendering import FORMATS, Rendered
from chalkgrad.explain.rule_table import RuleTable
from chalkgrad.explain.view import LEVELS
from chalkgrad.gates.choice import TIES
from chalkgrad.handwork.exercises import DEFAULT
from chalkgrad.native import cache as machine_code
from chalkgrad.notation.numbers import DIGITS
from chalkgrad.reading.formula import read_value

ANSWERED, NOT_FINITE, REFUSED, INTERRUPTED = 0, 1, 2, 130
SICK = 1
DEBUG = "CHALKGRAD_DEBUG"  # set to see the traceback of a mistake in Chalkgrad itself
SHELLS = ("bash", "zsh", "fish")

TO_FILE = click.option("-o", "--out", "path", metavar="FILE", help="Write to a file; its ending chooses the format.")


Command = TypeVar("Command", bound=Callable[..., Any])


class FormulaCommand(click.Command):
    """A command that takes a formula or numbers, which may begin with a minus."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [f" {word}" if is_formula(word) else word for word in args])


def in_formats(*forms: str) -> Callable[[Command], Command]:
    """The option --format, for a command that answers in these."""
    return click.option("--format", "form", type=click.Choice(forms), help="How to show the answer; text if not told.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="chalkgrad", prog_name="chalkgrad")
def cli() -> None:
    """The autodiff engine that shows its work.

    \b
    chalkgrad work "f = (x + y) * z" x=-2 y=5 z=2
    chalkgrad work "softmax(s)" "s=[225, 617, 950]"
    chalkgrad check working.md
    chalkgrad doctor "log(1 + exp(x))" x=1000
    chalkgrad derive sigmoid
    chalkgrad losses "[3.2, 5.1, -1.7]" --true 0
    chalkgrad compare "[10, -2, 3]" "[10, 9, 9]" --true 0
    """


@cli.command(cls=FormulaCommand, context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, metavar="FORMULA NAME=VALUE...")
@click.option("-f", "--file", "source", metavar="FILE", help='Read the formula from a file ("-": standard input).')
@click.option("--values", "given", metavar="FILE", help='Read values from a JSON object ("-": standard input).')
@click.option("--wrt", metavar="NAMES", help="Differentiate by these only, such as x,y.")
@click.option(
    "--ties", type=click.Choice(TIES), default="one", help="Local gradients at a tie of max or min; the lecture's is one."
)
@click.option("--level", type=click.Choice(LEVELS), default="gate", help="Every gate, or one block for each named definition.")
@click.option("--unfold", metavar="GATES", help="Show composite gates as what they mean, such as sigmoid, or all.")
@click.option("--output", metavar="NAME", help="Which definition is the result, where several could be.")
@click.option("--digits", type=int, default=DIGITS, show_default=True, help="Significant digits shown.")
@click.option("--dtype", type=click.Choice(["float64", "float32"]), default="float64", help="The precision computed with.")
@in_formats(*FORMATS)
@TO_FILE
def work(
    words: tuple[str, ...],
    source: str | None,
    given: str | None,
    wrt: str | None,
    ties: str,
    level: Any,
    unfold: str | None,
    output: str | None,
    digits: int,
    dtype: str,
    form: str | None,
    path: str | None,
) -> None:
    """Work a formula: every value, every local gradient, every gradient, step by step.

    \b
    chalkgrad work "f = A*B; A = C + D; B = (X + Y)^2" C=3 D=-5 X=2 Y=4
    chalkgrad work "f = [x + y + max(z, w)] * 2" w=-1 x=3 y=-4 z=2
    chalkgrad work '\\frac{1}{1+e^{-(w_0 x_0 + w_1 x_1 + w_2)}}' w0=2 x0=-1 w1=-3 x1=-2 w2=-3
    chalkgrad work "sigmoid(t)" t=1 --unfold sigmoid
    chalkgrad work "softmax(s)" "s=[225, 617, 950]"
    chalkgrad work "f = x*y + x" x=2 y=-3 -o page.html
    """
    formula, values = _formula_and_values("work", words, source, given)
    worked = work_formula(
        formula,
        values,
        ties=ties,
        wrt=_listed(wrt),
        level=level,
        unfold=_listed(unfold) or (),
        digits=digits,
        dtype=dtype,
        output=output,
    )
    _answer(worked, form_of(form, path), path)
    raise SystemExit(ANSWERED if worked.finite else NOT_FINITE)


@cli.command(cls=FormulaCommand, context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, metavar="FORMULA NAME=VALUE...")
@click.option("-f", "--file", "source", metavar="FILE", help='Read the formula from a file ("-": standard input).')
@click.option("--values", "given", metavar="FILE", help='Read values from a JSON object ("-": standard input).')
@click.option("--wrt", metavar="NAMES", help="Differentiate by these only, such as x,y.")
@click.option("--ties", type=click.Choice(TIES), default="one", help="Local gradients at a tie of max or min.")
@click.option("--output", metavar="NAME", help="Which definition is the result, where several could be.")
@click.option("--float32", "single", is_flag=True, help="Examine the formula in single precision.")
@click.option("--fix", is_flag=True, help="Print the stable formula, and nothing else.")
@click.option("--seconds", type=float, default=30.0, show_default=True, help="How long the truth may be computed.")
@in_formats(*FORMATS)
@TO_FILE
def doctor(
    words: tuple[str, ...],
    source: str | None,
    given: str | None,
    wrt: str | None,
    ties: str,
    output: str | None,
    single: bool,
    fix: bool,
    seconds: float,
    form: str | None,
    path: str | None,
) -> None:
    """Examine a formula: what goes wrong in floating point, at which gate it begins, the truth, and the stable form.

    The exit code is 0 for a healthy formula, 1 for a sick one, 2 for one that cannot be read.

    \b
    chalkgrad doctor "log(1 + exp(x))" x=1000
    chalkgrad doctor "log(1 + exp(x))" x=1000 --fix
    chalkgrad doctor "sqrt(x^2 + y^2)" x=0 y=0 -o page.html
    """
    formula, values = _formula_and_values("doctor", words, source, given)
    with Bar() as bar:
        found = examine_formula(
            formula,
            values,
            wrt=_listed(wrt),
            ties=ties,
            output=output,
            dtype="float32" if single else "float64",
            seconds=seconds,
            progress=bar.tell,
        )
    if fix:
        if found.stable is None and not found.healthy:
            raise ChalkgradError("I know no stable form that cures this formula here.", hint="Without --fix I say what is wrong.")
        click.echo(found.stable or formula)
        raise SystemExit(ANSWERED)
    _answer(found, form_of(form, path), path)
    raise SystemExit(ANSWERED if found.healthy else SICK)


@cli.command()
@click.argument("gate")
@in_formats("text", "markdown", "html", "json")
@TO_FILE
def derive(gate: str, form: str | None, path: str | None) -> None:
    """Derive the slope of a gate, line by line.

    \b
    chalkgrad derive sigmoid
    chalkgrad derive softmax --format markdown
    chalkgrad derive shift
    """
    _answer(derive_gate(gate), form_of(form, path), path)


@cli.command(cls=FormulaCommand, context_settings={"ignore_unknown_options": True})
@click.argument("scores")
@click.option("--true", "true", type=int, required=True, metavar="CLASS", help="The true class, counted from 0.")
@click.option("--margin", type=float, default=1.0, show_default=True, help="By how much the SVM wants the true class to win.")
@in_formats("text", "markdown", "html", "json")
@TO_FILE
def losses(scores: str, true: int, margin: float, form: str | None, path: str | None) -> None:
    """Work the softmax loss and the SVM loss of one example's scores by hand, with both gradients.

    \b
    chalkgrad losses "[3.2, 5.1, -1.7]" --true 0
    """
    _answer(judge_scores(read_value(scores), true, margin=margin), form_of(form, path), path)


@cli.command(cls=FormulaCommand, context_settings={"ignore_unknown_options": True})
@click.argument("first")
@click.argument("second")
@click.option("--true", "true", type=int, required=True, metavar="CLASS", help="The true class, counted from 0.")
@click.option("--margin", type=float, default=1.0, show_default=True, help="By how much the SVM wants the true class to win.")
@in_formats("text", "markdown", "html", "json")
@TO_FILE
def compare(first: str, second: str, true: int, margin: float, form: str | None, path: str | None) -> None:
    """Compare the scores of two classifiers for one example: which one softmax prefers, which the SVM, and why.

    \b
    chalkgrad compare "[10, -2, 3]" "[10, 9, 9]" --true 0
    """
    _answer(compare_classifiers(read_value(first), read_value(second), true, margin=margin), form_of(form, path), path)


@cli.command()
@click.argument("files", nargs=-1, metavar="FILE...")
@click.option("--hint", is_flag=True, help="Tell the line and the kind of slip, but not the answer.")
@in_formats("text", "markdown", "html", "json", "csv")
@TO_FILE
def check(files: tuple[str, ...], hint: bool, form: str | None, path: str | None) -> None:
    """Check hand-worked solutions: find the first wrong line, and say why it is wrong ("-": standard input).

    \b
    chalkgrad check working.md
    chalkgrad check working.md --hint
    chalkgrad check class/*.md --format csv -o class.csv
    Exit codes: 0 all is right, 1 something is wrong, 2 something could not be read.
    """
    if not files:
        raise ChalkgradError("There is no working to check.", hint="For example: chalkgrad check working.md")
    with click.progressbar(files, label="Checking", file=sys.stderr, hidden=len(files) == 1) as waiting:
        papers = [check_file(one, hint=hint) for one in waiting]
    if len(papers) == 1 and papers[0].trouble is not None:
        raise papers[0].trouble
    answer = papers[0] if len(papers) == 1 else ClassChecked(papers)
    _answer(answer, form_of(form, path), path)
    raise SystemExit(("right", "wrong", "unreadable").index(answer.verdict))


@cli.command()
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed makes the same sheet.")
@click.option("--gates", default=",".join(DEFAULT), show_default=True, metavar="GATES", help="The gates to draw from.")
@click.option("--level", type=int, default=1, show_default=True, help="1: one formula; 2: named steps, fan-out; 3: longer.")
@click.option("-n", "--count", type=int, default=10, show_default=True, help="How many exercises.")
@click.option("--solutions", is_flag=True, help="The same exercises, worked out.")
@in_formats("text", "markdown", "html", "latex", "json")
@TO_FILE
def exercise(seed: int, gates: str, level: int, count: int, solutions: bool, form: str | None, path: str | None) -> None:
    """Make exercises with tidy numbers, and the sheet of their solutions.

    \b
    chalkgrad exercise --seed 7 --gates mul,add,max --level 2 -n 10
    chalkgrad exercise --seed 7 --gates mul,add,max --level 2 -n 10 --solutions -o solutions.html
    """
    names = [one for one in gates.replace(",", " ").split() if one]
    sheet = make_exercises(seed=seed, gates=names, level=level, n=count, solutions=solutions)
    _answer(sheet, form_of(form, path), path)


@cli.command()
@in_formats("text", "markdown", "json")
@TO_FILE
def gates(form: str | None, path: str | None) -> None:
    """List every gate: how formulas call it, its local gradients, its lesson, its kinks."""
    _answer(GateTable(), form_of(form, path), path)


@cli.command()
@in_formats("text", "markdown", "json")
@TO_FILE
def rules(form: str | None, path: str | None) -> None:
    """List every stable form: what is written, what stands for it, why, the proof, and the bits of error it wins."""
    _answer(RuleTable(), form_of(form, path), path)


@cli.command()
@click.option("--clear", is_flag=True, help="Delete the machine code that is kept.")
def cache(clear: bool) -> None:
    """Tell where machine code is kept between runs, and how much of it; or delete it.

    CHALKGRAD_CACHE_DIR in the environment says where; empty, nothing is kept.
    """
    home, count, size = machine_code.contents()
    if home is None:
        click.echo("No machine code is kept: CHALKGRAD_CACHE_DIR is empty, or there is no home directory.")
    elif clear:
        click.echo(f"Deleted {machine_code.clear()} of {count} files ({size / 2**20:.1f} MiB) in {home}.")
    else:
        click.echo(f"{count} files, {size / 2**20:.1f} MiB, in {home}")


@cli.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that completes commands and options in your shell.

    \b
    eval "$(chalkgrad completion bash)"
    """
    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(cli, {}, "chalkgrad", "_CHALKGRAD_COMPLETE").source())


def _formula_and_values(verb: str, words: tuple[str, ...], source: str | None, given: str | None) -> tuple[str, dict[str, Any]]:
    """The formula, from the command line or a file, and its values, from either or both."""
    if source is None and not words:
        raise ChalkgradError("There is no formula.", hint=f'For example: chalkgrad {verb} "f = x*y + x" x=2 y=-3')
    formula = words[0] if source is None else contents(source, "formula")
    values = values_from(given) if given else {}
    for name, value in assignments(words if source is not None else words[1:]).items():
        if name in values:
            raise ChalkgradError(f"{name} is given twice: on the command line and in {given}.", hint="Keep one of the two.")
        values[name] = value
    return formula, values


def _listed(names: str | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(name.strip() for name in names.split(",") if name.strip())


def _answer(answer: Rendered, form: str, path: str | None) -> None:
    if path is not None:
        save(answer.rendered(form), path)
        click.echo(f"Wrote {path}.", err=True)
        return
    try:
        if form == "text":
            answer.show()
        else:
            text = answer.rendered(form)
            click.echo(text, nl=not text.endswith("\n"))
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has left; that is no trouble, and not ours to report
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(letter: str) -> NoReturn:
    click.echo(letter, err=True)
    raise SystemExit(REFUSED)


def main() -> None:
    """Run the command line; whatever goes wrong becomes a letter on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        cli.main(standalone_mode=False, prog_name="chalkgrad")
    except ChalkgradError as error:
        _refuse(str(error))
    except click.ClickException as error:
        error.show()
        raise SystemExit(REFUSED) from None
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        raise SystemExit(INTERRUPTED) from None
    except MemoryError:
        _refuse("There is not enough memory for this. Try a smaller formula, or fewer entries.")
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        _refuse(
            f"This is a mistake in Chalkgrad, not yours: {type(error).__name__}: {error}\n\n"
            f"Set {DEBUG}=1 to see where, and please report it with your command."
        )
