# Records testdata/search-6.0.jsonl: searches on a reference server 6.0 (package tryton-server),
# in memory, on the models of its module "tests".
#   python3 -W ignore record.py > search-6.0.jsonl
import datetime as dt
import json
import os
import sys
from decimal import Decimal as D

os.environ['DB_NAME'] = ':memory:'
os.environ.setdefault('TRYTOND_DATABASE__URI', 'sqlite://')

from trytond.pool import Pool
from trytond.protocols.jsonrpc import JSONEncoder
from trytond.tests.test_tryton import activate_module
from trytond.transaction import Transaction

activate_module('tests')


def put(o): sys.stdout.write(json.dumps(o,cls=JSONEncoder,separators=(',',':'))+'\n')
def block(M,kind,field,records,clauses):
    "records: list of (Record, {path: value})"
    put({'kind':kind,'field':field,'records':[r for _,r in records]})
    pos={r.id:i for i,(r,_) in enumerate(records)}
    for c in clauses:
        put({'clause':c,'fits':sorted(pos[r.id] for r in M.search([c]))})
def simple(model,f,values,pairs,kind='scalar'):
    M=Pool().get(model); rs=M.create([{f:v} for v in values])
    block(M,kind,f,[(r,{f:v}) for r,v in zip(rs,values)],[[f,o,v] for o,v in pairs])
cmpops=['=','!=','<','<=','>','>=']
def cross(vals,lists=True):
    l=[(o,v) for o in cmpops for v in vals]
    if lists: l+=[(o,v) for o in ('in','not in') for v in ([],[None],[vals[0]],[vals[0],None],list(vals))]
    return l
with Transaction().start(':memory:',1,context={}) as t:
    simple('test.char','char',['foo','bar','foobar',None,'','f%o','f_o','f\\o','fxo'],cross(['foo','bar','',None])+[(o,p) for o in ('like','not like','ilike','not ilike') for p in ['f%','%o','%o%','f_o','f\\_o','f\\%o','f%o','%','','_','foo',None,'%b_r','f\\\\o']]+[(o,p) for o in ('ilike','not ilike') for p in ('F%','FOO','%B_R')])
    simple('test.boolean','boolean',[True,False,None],[(o,v) for o in ('=','!=') for v in (True,False,None)]+[(o,v) for o in ('in','not in') for v in ([],[True],[False],[None],[True,False],[False,None],[True,None])])
    simple('test.integer','integer',[0,1,-5,12,None],cross([0,1,None])+[('=',1.0),('<',D('3'))])
    simple('test.float','float',[0.5,1.5,None,0.0],cross([0.5,1,None])+[('>',D('0.25'))])
    simple('test.numeric','numeric',[D('1.10'),D('-2'),None,D('0.00'),D('10.5')],cross([D('1.1'),D('0'),None])+[('=','1.10'),('<','1.2'),('>',1),('=',-2),('in',['10.5'])])
    d=dt.date(2020,2,29)
    simple('test.date','date',[d,dt.date(2021,1,1),dt.date(1999,12,31),None],cross([d,dt.date(2020,12,31),None])+[('=','2020-02-29')])
    d=dt.datetime(2020,2,29,5,6,7)
    simple('test.datetime','datetime',[d,dt.datetime(2021,1,1),None],cross([d,dt.datetime(2021,1,1),None]))
    d=dt.time(5,6,7)
    simple('test.time','time',[d,dt.time(23,59),dt.time(0),None],cross([d,dt.time(12),None])+[('=','05:06:07')])
    d=dt.timedelta(days=1,seconds=3)
    simple('test.timedelta','timedelta',[d,dt.timedelta(0),dt.timedelta(-1),None],cross([d,dt.timedelta(hours=1),None]))
    simple('test.multi_selection','selects',[['foo','bar'],['foo'],None,[],['foobar']],[(o,v) for o in ('=','!=') for v in (['foo','bar'],['bar','foo'],['foo'],[],None,'foo')]+[(o,v) for o in('in','not in') for v in ([],['foo'],['foo','foobar'])],'multiselection')
    RT=Pool().get('test.reference.target'); t1,t2=RT.create([{'name':'One'},{'name':'Two'}]); R=Pool().get('test.reference')
    rs=R.create([{'reference':str(t1)},{'reference':str(t2)},{'reference':None}]); m='test.reference.target'
    block(R,'scalar','reference',[(r,{'reference':str(x) if x else None,'reference.name':x.name if x else None,'reference.id':x.id if x else None}) for r,x in zip(rs,[t1,t2,None])],
      [['reference',o,v] for o in ('=','!=') for v in (str(t1),[m,t2.id],None,m,m+',-1')]+[['reference',o,v] for o in('in','not in') for v in ([],[str(t1)],[[m,t1.id]],[None],[str(t1),None])]+[['reference',o,v] for o in('like','not like') for v in (m+',%','other,%',m+',1')]+
      [['reference.name',o,'One',m] for o in ('=','!=','ilike','<')]+[['reference.id','in',[t1.id],m],['reference.id','not in',[t1.id],m]])
    T=Pool().get('test.many2one_target'); M=Pool().get('test.many2one')
    a,b,c=T.create([{'value':1},{'value':2},{'value':None}]); f='many2one'
    rs=M.create([{f:x.id if x else None} for x in (a,b,None,c)])
    block(M,'scalar',f,[(r,{f:x.id if x else None,f+'.value':x.value if x else None,f+'.id':x.id if x else None}) for r,x in zip(rs,(a,b,None,c))],
      [[f,o,v] for o in('=','!=','<','>') for v in (a.id,None)]+[[f,o,v] for o in ('in','not in') for v in ([],[a.id],[None],[a.id,None])]+[[f+'.value',o,v] for o in ('=','!=','<','>=') for v in (1,None)]+[[f+'.value',o,v] for o in ('in','not in') for v in ([],[1],[None],[1,None])]+
      [[f,o,v] for o in ('where','not where') for v in ([['value','=',1]],[],[['value','=',None]],[['value','!=',1]],['OR',['value','=',1],['value','=',2]])]+[[f+'.id','=',a.id],[f+'.id','!=',a.id]])
    for model,kind in (('test.one2many','x2many'),('test.many2many','x2many')):
        O=Pool().get(model); f='targets'
        rs=O.create([{f:[('create',[{'name':n} for n in ns])]} if ns else {} for ns in (['A','B'],['A'],[],[None],['B',None])])
        x=rs[0].targets[0].id
        recs=[(r,{f:[y.id for y in r.targets],f+'.name':[y.name for y in r.targets],f+'.rec_name':[y.name for y in r.targets]}) for r in rs]
        block(O,kind,f,recs,[[f,o,v] for o in('=','!=') for v in (x,None)]+[[f,o,v] for o in ('in','not in') for v in ([],[x],[None],[x,None],[r.id for r in rs[0].targets])]+[[f,o,v] for o in ('=','!=','ilike','not ilike','like','not like') for v in ('A','B')]+
          [[f+'.name',o,v] for o in ('=','!=') for v in ('A',None)]+[[f+'.name',o,v] for o in ('in','not in') for v in ([],['A'],[None],['A',None])]+[[f+'.name',o,v] for o in ('like','not like','ilike','not ilike','<','>') for v in ('A','B')]+
          [[f,o,v] for o in ('where','not where') for v in ([['name','=','B']],[],[['name','=',None]],[['name','!=','A']],[['name','=','A'],['name','=','B']],['OR',['name','=','A'],['name','=',None]])])
    T=Pool().get('test.many2one_tree'); f='many2one'
    r,=T.create([{}]); k,=T.create([{f:r.id}]); g,=T.create([{f:k.id}]); o,=T.create([{}])
    def chain(x):
        d={'id':x.id}; p=f; y=x
        for _ in range(5):
            y=y.many2one if y else None; d[p]=y.id if y else None; p+='.'+f
        return d
    block(T,'scalar',f,[(x,chain(x)) for x in (r,k,g,o)],[[f,op,v] for op in ('child_of','not child_of') for v in ([r.id],r.id,[k.id],[g.id,o.id],[],None,[999])]+[[f,'child_of',[k.id],f]])
    t.rollback()
