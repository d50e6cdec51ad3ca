"""Formulas that nothing is wrong with: plain ones, and those that look dangerous and are not. One a line, then its values."""

FORMULAS = """
x*y + x | x=2 y=-3
(x + y)*z | x=-2 y=5 z=2
x^2 | x=3
x^3 - 2*x + 1 | x=1.5
x^2 | x=0
x^3 | x=0
x^5 + x^4 + x^3 + x^2 + x + 1 | x=0.9
1/x | x=0.3
1/(1+x^2) | x=1e5
x/(1+x) | x=3
exp(x) | x=-2
exp(x) | x=-1000
exp(x) | x=700
exp(-x^2) | x=40
exp(-800+x) + 1 | x=0
1 + exp(-x) | x=900
log(x) | x=3
log(x) | x=1e-300
log(x) | x=1.0000000001
log(1+x) | x=2
log1p(x) | x=1e-17
expm1(x) | x=1e-17
sqrt(x) | x=2
sqrt(x) | x=1e-300
sqrt(1+x^2) | x=0
sqrt(x^2+y^2) | x=3 y=4
hypot(x,y) | x=1e200 y=1e200
hypot(x,y) | x=3e-200 y=4e-200
sin(x) | x=1
sin(x) | x=1e10
cos(x) | x=0
cos(x) | x=1.5707963267948966
tan(x) | x=1
tan(x) | x=1.5707963267948966
asin(x) | x=0.5
acos(x) | x=-0.3
atan(x) | x=1e300
atan2(y,x) | y=1 x=2
atan2(y,x) | y=1e-300 x=1e-300
sinh(x) | x=2
cosh(x) | x=-3
tanh(x) | x=0.5
tanh(x) | x=20
tanh(x) | x=400
erf(x) | x=0.7
erf(x) | x=6
sigmoid(x) | x=0
sigmoid(x) | x=40
sigmoid(x) | x=-800
sigmoid(x) | x=800
softplus(x) | x=1000
softplus(x) | x=-1000
log_sigmoid(x) | x=-1000
log_sigmoid(x) | x=1000
logaddexp(x,y) | x=1000 y=999
logaddexp(x,y) | x=-1000 y=-1001
1/(1+exp(-x)) | x=2
1/(1+exp(-x)) | x=40
softmax(s)[0] | s=[1,2,3]
softmax(s)[2] | s=[225,617,950]
softmax(s)[0] | s=[0,0,0]
sum(softmax(s)*v) | s=[1000,999,998] v=[1,2,3]
sum(softmax(s)) | s=[1,2,3]
logsumexp(s) | s=[1000,1000,999]
logsumexp(s) | s=[-1000,-1001]
log_softmax(s)[0] | s=[-1000,0,0]
log_softmax(s)[1] | s=[1,2,3]
cross_entropy(s, true=0) | s=[3.2,5.1,-1.7]
cross_entropy(s, true=0) | s=[1000,0,0]
cross_entropy(s, true=1) | s=[1000,0,0]
hinge(s, true=0) | s=[3.2,5.1,-1.7]
log(sum(exp(s-max(s))))+max(s) | s=[1000,999,998]
log(sum(exp(s-max(s))))+max(s) | s=[0,-1000,-2000]
log(sum(exp(s-max(s))))+max(s) | s=[5,5,5]
exp(s-max(s))[0]/sum(exp(s-max(s))) | s=[3,1,-900]
exp(s-max(s))[1]/sum(exp(s-max(s))) | s=[2,2,2]
max(x,y) | x=2 y=1
min(x,y,z) | x=2 y=1 z=5
max(0,1-x*y) | x=0.5 y=1
max(0,1-x*y) | x=3 y=1
relu(x) | x=2
relu(x) | x=-2
relu(w*x+b)^2 | w=1 x=2 b=-1
abs(x) | x=-3
abs(x-y) | x=1 y=4
clip(x,0,1) | x=0.4
clip(x,0,1) | x=1.4
where(x > 0, x, 0.1*x) | x=-2
where(x > 0, x^2, -x) | x=3
where(x > 0, log(1+x), x) | x=1
where(x > 0, sqrt(1+x), x) | x=-0.5
sum(v) | v=[1,2,3]
mean(v) | v=[1,2,3,6]
sum(v^2) | v=[1,-2,3]
sum(v*w) | v=[1,2,3] w=[4,5,6]
dot(v,w) | v=[1,2,3] w=[-4,5,0.5]
dot(v,w)/(sqrt(dot(v,v))*sqrt(dot(w,w))) | v=[1,2] w=[2,1]
mean((x-mean(x))^2) | x=[1,2,4]
mean((x-mean(x))^2) | x=[100000000,100000001,100000002]
sqrt(mean((x-mean(x))^2)) | x=[1,2,4]
sqrt(mean((x-mean(x))^2)+1e-5) | x=[3,3,3]
(x[0]-mean(x))/sqrt(mean((x-mean(x))^2)+1e-5) | x=[1,2,4]
mean((p-y)^2) | p=[0.1,0.9] y=[0,1]
-(y*log(p)+(1-y)*log(1-p)) | p=0.3 y=1
-(y*log(p)+(1-y)*log(1-p)) | p=0.9 y=0
-y*log(sigmoid(z))-(1-y)*log(1-sigmoid(z)) | y=1 z=2
softplus(z) - y*z | y=1 z=100
max(z,0) - y*z + log1p(exp(-abs(z))) | y=1 z=100
max(z,0) - y*z + log1p(exp(-abs(z))) | y=0 z=-800
-log_sigmoid(z) | z=-50
p*log(p/q) | p=0.3 q=0.4
sum(p*log(p/q)) | p=[0.3,0.7] q=[0.4,0.6]
-sum(p*log(p)) | p=[0.3,0.7]
log(p/(1-p)) | p=0.3
x^y | x=2 y=3.5
x^y | x=0 y=2
x^0.5 | x=4
x^1.5 | x=2
x^-1 | x=4
x^-2.5 | x=3
2^x | x=3
(1+x)^10 | x=0.1
(1+1/n)^n | n=10
(-b+sqrt(b^2-4*a*c))/(2*a) | a=1 b=-3 c=2
(-b-sqrt(b^2-4*a*c))/(2*a) | a=1 b=5 c=3
a*x^2+b*x+c | a=1 b=2 c=3 x=-0.7
sqrt(s*(s-a)*(s-b)*(s-c)); s = (a+b+c)/2 | a=3 b=4 c=5
(exp(x)-exp(-x))/2 | x=2
(exp(x)+exp(-x))/2 | x=1e-9
(exp(x)-exp(-x))/(exp(x)+exp(-x)) | x=1
x - y | x=1.0000001 y=1
x - y | x=1e16 y=1
1 - x | x=0.9999999999
x - sin(x) | x=1
1 - cos(x) | x=1
(1-cos(x))/x^2 | x=0.5
sin(x)/x | x=0.3
sin(x)^2 + cos(x)^2 | x=0.3
sin(x)^2 + cos(x)^2 - 1 | x=0.3
exp(log(x)) | x=5
log(exp(x)) | x=5
sqrt(x)^2 | x=5
sqrt(x^2) | x=-3
x*log(x) | x=0.5
x*log(x) | x=1e-300
exp(-0.5*((x-m)/s)^2)/(s*2.5066282746310002) | x=0.3 m=0 s=1
-0.5*((x-m)/s)^2-log(s) | x=0.3 m=0.1 s=2
prod(v) | v=[1,2,3]
prod(v) | v=[0,2,3]
cumsum(v)[2] | v=[1,2,3]
v[0]*v[1] | v=[2,5]
sum(A*x) | A=[[1,2],[3,4]] x=[1,-1]
(A@x)[0] | A=[[1,2],[3,4]] x=[1,-1]
sum(tanh(A@x)) | A=[[1,2],[3,4]] x=[0.1,-0.2]
sum(relu(A@x)) | A=[[1,2],[3,4]] x=[1,-0.3]
logsumexp(A@x) | A=[[100,2],[3,400]] x=[10,-1]
exp(x)*exp(y) | x=300 y=-300
exp(x)/exp(y) | x=300 y=299
x*y/z | x=1e200 y=1e100 z=1e250
x/y*z | x=1e200 y=1e100 z=1e50
log(x*y) | x=3 y=4
log(x) + log(y) | x=1e200 y=1e200
log(x/y) | x=3 y=4
1/(x+1e-8) | x=1
x/(abs(x)+1e-8) | x=2
x/sqrt(x^2+1e-12) | x=0.5
sqrt(x^2+1e-12) | x=0
log(x+1e-12) | x=0.5
max(x,1e-7) | x=0.3
log(max(p,1e-7)) | p=0.5
log(clip(p,1e-7,1)) | p=0.5
sigmoid(x)*(1-sigmoid(x)) | x=0.4
tanh(x)^2 | x=0.2
1 - tanh(x)^2 | x=0.7
x*sigmoid(x) | x=3
x*sigmoid(x) | x=-900
0.5*x*(1+tanh(0.7978845608028654*(x+0.044715*x^3))) | x=1
exp(-abs(x)) | x=900
gammaln(x) | x=4.5
sin(k*x)/k | k=0.8 x=2
(1-exp(-k*t))/k | k=0.3 t=2
(x^l-1)/l | x=2.5 l=0.4
(x^2-1)/(x-1) | x=3
a*b/(c*d) | a=3 b=4 c=0.5 d=7
x^2 - y^2 | x=5 y=-2
x^2 - 2*x*y + y^2 | x=5 y=-2
1 - (1-p)^n | p=0.2 n=7
x - log(exp(x)+exp(y)) | x=1 y=0.4
log(tanh(x)) | x=0.9
acos(1-x) | x=0.6
log(x*y/z) | x=3 y=4 z=5
(1+c/n)^n | c=0.7 n=12
P*r*(1+r)^n/((1+r)^n-1) | P=1e5 r=0.005 n=240
A*exp(-Ea/(R*T)) | A=1e13 Ea=8e4 R=8.314 T=350
sqrt(a^2+b^2-2*a*b*cos(g)) | a=3 b=4 g=1.1
""".strip().splitlines()
