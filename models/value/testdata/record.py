# Records testdata/decimal.tsv: operation, operands and the result that Python's decimal module gives.
#   python3 record.py > decimal.tsv
import random, decimal
from decimal import Decimal as D
random.seed(7)
def rnd():
    k=random.random()
    if k<.1: return D(random.choice(['0','0.00','-0.00','1E+2','1E-7','0.000001','100','-1','1.0','10.00','0E+3','9999999999999999999999999999','1E+20','123456789.987654321','0.05']))
    digs=random.randint(1,random.choice([3,8,13]))
    return D((random.randint(0,1),[random.randint(0,9) for _ in range(digs)],-random.randint(-2,8)))
out=[]
for i in range(400):
    a,b=rnd(),rnd()
    for op,f in [('add',lambda:a+b),('sub',lambda:a-b),('mul',lambda:a*b),('quo',lambda:a/b),('cmp',lambda:(a>b)-(a<b))]:
        decimal.getcontext().clear_flags()
        try: r=f()
        except (decimal.DivisionByZero,decimal.InvalidOperation): r='error'
        if op!='quo' and decimal.getcontext().flags[decimal.Rounded]: continue
        out.append((op,a,b,r))
    p=random.randint(-2,6)
    try: out.append(('quantize',a,p,a.quantize(D(1).scaleb(-p))))
    except decimal.InvalidOperation: pass
    out.append(('neg',a,'',-a if a else a.copy_abs()))
    out.append(('abs',a,'',abs(a)))
    out.append(('plain',a,'',format(a if a else a.copy_abs(),'f')))
for t in ['1','+1','-1','.5','5.','1e5','1E+5','1E-5','-.5E-3','00012.50','0.0','-0','-0.00','1E+2','0E+3','12345678901234567890123456789012.00','1e-0','0.0000001','0.000001','100E-2']:
    out.append(('parse',t,'',D(t)))
for t in ['','+','-','.','e5','1e','1e+','abc','0x10','1,5','--1','+-1','1.2.3','1e5.5','1 ','１']: out.append(('parse',t.replace(' ','·'),'','error'))
print('\n'.join('\t'.join(map(str,r)) for r in out))
