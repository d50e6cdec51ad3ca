"""Formulas by a judge of the doctor: textbooks of numerical analysis, trackers of libraries, statistics, physics.

They were written down with what was to be found before the doctor saw them; some is found rightly and not cured yet.
"""

from tests.check.zoo import formula

JUDGED = [
    formula("log(exp(a) + exp(b))", "underflow", "exp", a=-1000.0, b=-1001.0),
    formula("(exp(x) - 1)/x", "cancellation", "subtract", x=1e-12),
    formula("exp(-a)/(exp(-a) + exp(-b))", "underflow", "exp", a=1000.0, b=1001.0),
    formula("sin(x + d) - sin(x)", "cancellation", "add subtract", x=1.0, d=1e-10),
    formula("(1 + r/n)^n", "cancellation, precision lost", "add power", r=1.0, n=1000000000000000.0),
    formula("log(1 - (b/(b + 1))^a)", "cancellation, saturation", "subtract", a=1.0, b=1e18),
    formula(
        "log(1 - exp(-m*t) - m*(1 - exp((l - m)*t))/(m - l*exp((l - m)*t)))",
        "cancellation",
        "subtract",
        cured=False,
        l=1.0,
        m=2.0,
        t=1e-06,
    ),
    formula("(a - sin(a))/a^3", "cancellation", "subtract", a=1e-05),
    formula("-c*log(1 + exp(-x))", "cancellation, precision lost, saturation, underflow", "add log", c=2.0, x=40.0),
    formula(
        "-(1 + 1/k)*log(1 + k*x) - (1 + k*x)^(-1/k)", "cancellation, precision lost", "add log power", cured=False, k=1e-12, x=1.5
    ),
    formula("log((1 + erf(x/sqrt(2)))/2)", "cancellation, saturation", "add", x=-10.0),
    formula("x^2*exp(x)/(exp(x) - 1)^2", "overflow", "exp", x=800.0),
    formula("log(1 - exp(-exp(h)))", "cancellation, saturation", "subtract", h=-40.0),
    formula("(exp(x) - exp(-x))/2", "cancellation", "subtract", x=1e-10),
    formula("x - sqrt(x^2 - 1)", "cancellation", "subtract", x=1000000000.0),
    formula("log(exp(x) - 1)", "overflow", "exp", x=800.0),
    formula("log(exp(x) - 1)", "cancellation", "subtract", x=1e-12),
    formula("log(p/(1 - p)); p = 1/(1 + exp(-x))", "cancellation, saturation", "subtract", x=40.0),
    formula("log(cosh(x))", "overflow", "cosh", x=800.0),
    formula("x*tanh(log(1 + exp(x)))", "overflow", "exp", x=1000.0),
    formula("exp(d) - d - 1", "cancellation", "subtract", d=1e-09),
    formula("p*r/(1 - (1 + r)^(-n))", "cancellation, precision lost", "add power subtract", p=1000.0, r=1e-14, n=360.0),
    formula("(1 - r^n)/(1 - r)", "cancellation", "subtract", r=0.9999999999999, n=50.0),
    formula("R - sqrt(R^2 - h^2)", "cancellation", "subtract", R=1000000.0, h=0.01),
    formula("(sqrt(1 + x) - 1)/x", "cancellation", "subtract", x=1e-14),
    formula("1/sqrt(1 - v^2/c^2) - 1", "cancellation", "subtract", v=1000.0, c=300000000.0),
    formula("sin((1 - t)*h)/sin(h)", "0/0, domain", "divide sin", t=0.3, h=0.0),
    formula("exp(a)*cos(b) - 1", "cancellation", "subtract", a=1e-09, b=1e-09),
    formula("1 - exp(-(x/l)^k)", "cancellation", "subtract", x=1e-08, l=2.0, k=2.0),
    formula("s*((1 - p)^(-k) - 1)/k", "cancellation", "subtract", s=2.0, p=0.4, k=1e-13),
    formula("abs(x) + log1p(exp(-2*abs(x))) - log(2)", "cancellation", "subtract", x=1e-05),
    formula("(1 - (1 - u)^(1/b))^(1/a)", "cancellation, saturation", "subtract", u=1e-18, a=2.0, b=3.0),
    formula("log(t) + l - t*y - 2*log(1 + exp(l - t*y))", "overflow", "exp", t=0.5, l=900.0, y=-3.0),
    formula("(a + b)/2*log(1 + a/b*x)", "cancellation, precision lost, saturation", "add log", a=1.0, b=1e17, x=6.6),
    formula("0.5*log((E + p)/(E - p)); E = sqrt(m^2 + p^2)", "cancellation", "subtract", m=0.000511, p=7000.0),
    formula("1 - sqrt(1 - 2*G*M/(r*c^2))", "cancellation", "subtract", G=6.674e-11, M=5.97e24, r=6400000.0, c=300000000.0),
    formula("(1 - exp(-k*t))/k", "cancellation", "subtract", k=1e-15, t=2.0),
    formula("(exp(s^2) - 1)*exp(2*m + s^2)", "cancellation", "subtract", s=1e-09, m=0.3),
    formula("sinh(a)/sinh(b)", "overflow", "sinh", a=800.0, b=801.0),
]
