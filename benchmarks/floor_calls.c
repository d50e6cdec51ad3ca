/* The lecture's formulas as functions that Python calls in its fastest way: floats in, a flat tuple of the value and partials out. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>

static inline void product(const double *in, double *out) {
  double s = in[0] + in[1], t = in[2] + in[3], square = t * t, twice = 2 * s * t;
  out[0] = s * square; out[1] = square; out[2] = square; out[3] = twice; out[4] = twice;
}

static inline void sigmoid(const double *in, double *out) {
  double f = 1 / (1 + exp(-(in[0] * in[1] + in[2] * in[3] + in[4]))), g = f * (1 - f);
  out[0] = f; out[1] = g * in[1]; out[2] = g * in[0]; out[3] = g * in[3]; out[4] = g * in[2]; out[5] = g;
}

static inline void larger(const double *in, double *out) {
  int z = in[2] > in[3];
  out[0] = 2 * (in[0] + in[1] + (z ? in[2] : in[3])); out[1] = 2; out[2] = 2; out[3] = z ? 2 : 0; out[4] = z ? 0 : 2;
}

#define CALLED(name, inputs)                                                                      \
  static PyObject *call_##name(PyObject *self, PyObject *const *args, Py_ssize_t count) {         \
    double in[inputs], out[inputs + 1];                                                           \
    if (count != inputs) { PyErr_SetString(PyExc_TypeError, "it takes " #inputs); return NULL; }  \
    for (int i = 0; i < inputs; i++) {                                                            \
      in[i] = PyFloat_CheckExact(args[i]) ? PyFloat_AS_DOUBLE(args[i]) : PyFloat_AsDouble(args[i]); \
      if (in[i] == -1.0 && PyErr_Occurred()) return NULL;                                         \
    }                                                                                             \
    name(in, out);                                                                                \
    PyObject *results = PyTuple_New(inputs + 1);                                                  \
    for (int i = 0; results && i <= inputs; i++) {                                                \
      PyObject *number = PyFloat_FromDouble(out[i]);                                              \
      if (!number) { Py_CLEAR(results); break; }                                                  \
      PyTuple_SET_ITEM(results, i, number);                                                       \
    }                                                                                             \
    return results;                                                                               \
  }
CALLED(product, 4)
CALLED(sigmoid, 5)
CALLED(larger, 4)

static PyMethodDef METHODS[] = {
  {"product", (PyCFunction)(void *)call_product, METH_FASTCALL, NULL},
  {"sigmoid", (PyCFunction)(void *)call_sigmoid, METH_FASTCALL, NULL},
  {"max", (PyCFunction)(void *)call_larger, METH_FASTCALL, NULL},
  {NULL, NULL, 0, NULL}};
static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "floor_calls", NULL, -1, METHODS, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_floor_calls(void) { return PyModule_Create(&MODULE); }
