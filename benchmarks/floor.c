/* Gradients written by hand, as fast as we know how to write them plainly: what the suite calls C. Compiled once for each `real`.

   Rows are shared out to threads; a row is read, used and written while it is in cache. With -ffast-math gcc takes exp from the
   vectors' library, so that it too is computed sixteen or eight at a time. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXP(x) (sizeof(real) == 4 ? expf(x) : exp(x))

void neuron(size_t n, const real *restrict w0, const real *restrict x0, const real *restrict w1, const real *restrict x1,
            const real *restrict w2, real *restrict f, real *restrict a, real *restrict b, real *restrict c, real *restrict d,
            real *restrict e) {
  #pragma omp parallel for simd schedule(static) if(parallel : n > 4000)
  for (size_t i = 0; i < n; i++) {
    real y = (real)1 / ((real)1 + EXP(-(w0[i] * x0[i] + w1[i] * x1[i] + w2[i]))), g = y * ((real)1 - y);
    f[i] = y; a[i] = g * x0[i]; b[i] = g * w0[i]; c[i] = g * x1[i]; d[i] = g * w1[i]; e[i] = g;
  }
}

/* exp(z - max) / sum * share into g; returns log sum exp z. */
static inline double row_softmax(size_t k, const real *restrict z, real *restrict g, real share) {
  real top = z[0], sum = 0;
  for (size_t j = 0; j < k; j++) top = z[j] > top ? z[j] : top;
  for (size_t j = 0; j < k; j++) { real e = EXP(z[j] - top); g[j] = e; sum += e; }
  real factor = share / sum;
  for (size_t j = 0; j < k; j++) g[j] *= factor;
  return log((double)sum) + top;
}

static inline double row_entropy(size_t k, const real *restrict z, real *restrict g, int64_t y, real share) {
  double all = row_softmax(k, z, g, share);
  g[y] -= share;
  return all - z[y];
}

static inline double row_hinge(size_t k, const real *restrict z, real *restrict g, int64_t y, real share) {
  real least = z[y] - (real)1, sum = 0, over = 0;
  for (size_t j = 0; j < k; j++) {
    real margin = z[j] - least;
    int on = margin > 0;
    sum += on ? margin : (real)0; over += on ? (real)1 : (real)0; g[j] = on ? share : (real)0;
  }
  g[y] = -(over - 1) * share;
  return sum - 1;  /* the true class's own margin is 1 */
}

void softmax(size_t rows, size_t k, const real *z, real *g) {
  #pragma omp parallel for schedule(static)
  for (size_t i = 0; i < rows; i++) row_softmax(k, z + i * k, g + i * k, (real)1);
}

double entropy(size_t rows, size_t k, const real *z, const int64_t *y, real *g) {
  double total = 0; real share = (real)1 / rows;
  #pragma omp parallel for schedule(static) reduction(+ : total)
  for (size_t i = 0; i < rows; i++) total += row_entropy(k, z + i * k, g + i * k, y[i], share);
  return total / rows;
}

double hinge(size_t rows, size_t k, const real *z, const int64_t *y, real *g) {
  double total = 0; real share = (real)1 / rows;
  #pragma omp parallel for schedule(static) reduction(+ : total)
  for (size_t i = 0; i < rows; i++) total += row_hinge(k, z + i * k, g + i * k, y[i], share);
  return total / rows;
}

/* A linear classifier of 10 classes. W has 16 columns, the last six zero. So many rows of X at a time keep their scores in registers
   during one sweep over the columns; a second sweep adds their share of the gradient while the rows are still in cache. */
#define TOGETHER 25
typedef real wide __attribute__((vector_size(16 * sizeof(real))));
double linear(size_t n, size_t columns, const real *X, const int64_t *y, const real *W, real *G, int with_hinge) {
  double total = 0; real share = (real)1 / n;
  memset(G, 0, columns * sizeof(wide));
  #pragma omp parallel reduction(+ : total)
  {
    wide *mine = aligned_alloc(64, columns * sizeof(wide));
    const wide *w = (const wide *)W;
    memset(mine, 0, columns * sizeof(wide));
    #pragma omp for schedule(static)
    for (size_t i = 0; i < n / TOGETHER; i++) {
      const real *x = X + i * TOGETHER * columns;
      wide held[TOGETHER];
      for (int r = 0; r < TOGETHER; r++) held[r] = (wide){0};
      for (size_t c = 0; c < columns; c++) {
        wide wc = w[c];
        #pragma GCC unroll 32
        for (int r = 0; r < TOGETHER; r++) held[r] += wc * x[r * columns + c];
      }
      for (int r = 0; r < TOGETHER; r++) {
        real z[16], g[16] = {0};
        for (int j = 0; j < 16; j++) z[j] = held[r][j];
        total += (with_hinge ? row_hinge : row_entropy)(10, z, g, y[i * TOGETHER + r], share);
        for (int j = 0; j < 16; j++) held[r][j] = g[j];
      }
      for (size_t c = 0; c < columns; c++) {
        wide sums[5] = {mine[c]};  /* five, so that additions need not wait for one another */
        #pragma GCC unroll 32
        for (int r = 0; r < TOGETHER; r++) sums[r % 5] += held[r] * x[r * columns + c];
        mine[c] = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + sums[4];
      }
    }
    #pragma omp critical
    for (size_t c = 0; c < 16 * columns; c++) G[c] += ((real *)mine)[c];
    free(mine);
  }
  return total / n;
}

/* Mixture of Gaussians. Points come in blocks of LANES, entry by entry; `live` is 0 for those that fill the last block up. `packed`
   holds for each component the diagonal of its factor, then the lower triangle row by row. Returns the sum of the log sum exp, and its
   slopes: by the components' scores, by the products factor * mean with sign changed, and by the entries of the factors. */
#define LANES 16
typedef double lanes[LANES];
#define EACH for (int w = 0; w < LANES; w++)
double mixture(int d, int k, int blocks, const double *score, const double *packed, const double *means, const double *X,
               const double *live, double *by_score, double *by_mean, double *by_packed) {
  int q = d * (d + 1) / 2, room = k * (1 + d + q);
  double total = 0;
  #pragma omp parallel reduction(+ : total)
  {
    double *mine = calloc(room, sizeof(double)), *mine_mean = mine + k, *mine_packed = mine_mean + k * d;
    lanes *apart = aligned_alloc(64, sizeof(lanes) * d), *y = aligned_alloc(64, sizeof(lanes) * d * k);
    lanes *share = aligned_alloc(64, sizeof(lanes) * k);
    #pragma omp for schedule(static)
    for (int block = 0; block < blocks; block++) {
      const lanes *x = (const lanes *)(X + (size_t)block * d * LANES), *on = (const lanes *)live + block;
      lanes top, sum = {0};
      for (int c = 0; c < k; c++) {
        const double *diagonal = packed + c * q, *low = diagonal + d, *mean = means + c * d;
        lanes *yc = y + c * d, square = {0};
        for (int i = 0; i < d; i++) EACH apart[i][w] = x[i][w] - mean[i];
        for (int i = 0; i < d; i++) {
          lanes s;
          EACH s[w] = diagonal[i] * apart[i][w];
          for (int j = 0; j < i; j++) { double l = *low++; EACH s[w] += l * apart[j][w]; }
          EACH { yc[i][w] = s[w]; square[w] += s[w] * s[w]; }
        }
        EACH { share[c][w] = score[c] - 0.5 * square[w]; top[w] = c && top[w] > share[c][w] ? top[w] : share[c][w]; }
      }
      for (int c = 0; c < k; c++) EACH { share[c][w] = exp(share[c][w] - top[w]); sum[w] += share[c][w]; }
      EACH { total += on[0][w] * (log(sum[w]) + top[w]); sum[w] = on[0][w] / sum[w]; }
      for (int c = 0; c < k; c++) {
        const double *mean = means + c * d;
        double *diagonal = mine_packed + c * q, *low = diagonal + d, taken = 0;
        lanes *yc = y + c * d;
        EACH { share[c][w] *= sum[w]; taken += share[c][w]; }
        mine[c] += taken;
        for (int i = 0; i < d; i++) {
          double by_y = 0, own = 0;
          EACH { apart[i][w] = x[i][w] - mean[i]; yc[i][w] *= -share[c][w]; by_y += yc[i][w]; own += yc[i][w] * apart[i][w]; }
          mine_mean[c * d + i] += by_y;
          diagonal[i] += own;
          for (int j = 0; j < i; j++) { double s = 0; EACH s += yc[i][w] * apart[j][w]; *low++ += s; }
        }
      }
    }
    #pragma omp critical
    {
      for (int i = 0; i < k; i++) by_score[i] += mine[i];
      for (int i = 0; i < k * d; i++) by_mean[i] += mine_mean[i];
      for (int i = 0; i < k * q; i++) by_packed[i] += mine_packed[i];
    }
    free(mine); free(apart); free(y); free(share);
  }
  return total;
}

/* A graph of single numbers: gate i, of kind 0 to 4, makes node 10 + i. */
void graph(long n, const uint8_t *kind, const int32_t *first, const int32_t *second, double *restrict v, double *restrict g) {
  for (long i = 0; i < n; i++) {
    double x = v[first[i]];
    switch (kind[i]) {
      case 0: v[10 + i] = x + v[second[i]]; break;
      case 1: v[10 + i] = x * v[second[i]]; break;
      case 2: v[10 + i] = tanh(x); break;
      case 3: v[10 + i] = exp(x); break;
      default: v[10 + i] = 1 / (1 + exp(-x));
    }
  }
  memset(g, 0, (n + 10) * sizeof(double));
  g[n + 9] = 1;
  for (long i = n - 1; i >= 0; i--) {
    double up = g[10 + i], y = v[10 + i];
    int a = first[i], b = second[i];
    switch (kind[i]) {
      case 0: g[a] += up; g[b] += up; break;
      case 1: { double va = v[a], vb = v[b]; g[a] += up * vb; g[b] += up * va; break; }
      case 2: g[a] += up * (1 - y * y); break;
      case 3: g[a] += up * y; break;
      default: g[a] += up * y * (1 - y);
    }
  }
}
