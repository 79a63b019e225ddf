# Records testdata/evaluate-6.0.jsonl: expressions written and evaluated by a reference server 6.0
# (package tryton-server), at random with a fixed seed.
#   python3 record.py > evaluate-6.0.jsonl
import json, random, sys, datetime as dt
from decimal import Decimal as D
from trytond.pyson import *
from trytond.protocols.jsonrpc import JSONEncoder
random.seed(3)
E=Eval
def rec(x,ctx=None):
    text=x if isinstance(x,str) and x.startswith(('{','[')) else PYSONEncoder().encode(x)
    o={'text':text,'ctx':ctx or {}}
    try: o['result']=PYSONDecoder(ctx or {}).decode(text)
    except Exception as e: o['error']=type(e).__name__
    sys.stdout.write(json.dumps(o,cls=JSONEncoder)+'\n')
d=dt.date(2020,1,31); t=dt.datetime(2020,1,31,23,59,59,999999)
for c in ({'a':{'b':3}},{'a.b':3},{'a':None},{},{'a':{}},{'a':{'b':None}}): rec(E('a.b','d'),c)
for c in ({'_parent_x':{'y':3}},{'_parent_x.y':3},{}): rec(E('_parent_x.y',0),c)
rec(E('a.b.c',0),{'a':{'b':{'c':3}}}); rec(E('a.b.c',0),{'a.b':{'c':3}}); rec(E('a.b.c',0),{'a':{'b.c':3}})
vals=[None,0,1,-1,1.0,1.5,D('1.00'),D('2'),True,False,'','x',[],[1],[None],{},{'x':1},d,t,dt.timedelta(0),dt.timedelta(1),dt.time(0)]
for v in vals:
    rec(Bool(E('a')),{'a':v}); rec(Not(E('a',True)),{'a':v}); rec(If(E('a'),'yes','no'),{'a':v})
    for w in (0,1,1.5): 
        if not isinstance(v,str): 
            rec(Equal(E('a',w),w),{'a':v}); 
            if not isinstance(v,(list,dict,dt.timedelta,dt.time)): rec(Greater(E('a',w),w),{'a':v}) if not isinstance(v,dt.date) else None
    rec(Equal(E('a',''),'x'),{'a':v}); rec(Equal(E('a',[]),[1]),{'a':v}); rec(Equal(E('a',{}),{'x':1}),{'a':v}); rec(Equal(E('a',False),True),{'a':v})
    rec(In(E('a',''),['x','y']),{'a':v}); rec(In(E('a',0),[0,1,None]),{'a':v})
for a in [None,0,1,2,1.5,D('1.5'),True]:
    for b in [None,0,1,2.5,D('1.50')]:
        for o in (Greater,Less):
            for e in (True,False): rec(o(E('a',0),E('b',0),e),{'a':a,'b':b})
for a in [d,dt.date(2021,1,1),None]:
    for b in [d,dt.date(2019,12,31),None]:
        for o in (Greater,Less): rec(o(E('a',d),E('b',d),True),{'a':a,'b':b}); rec(o(E('a',d),E('b',d)),{'a':a,'b':b})
for a in [t,dt.datetime(2021,1,1),None]:
    for b in [t,dt.datetime(2019,12,31),None]:
        for o in (Greater,Less): rec(o(E('a',t),E('b',t),True),{'a':a,'b':b})
for c in ({'c':{'k':None}},{'c':{'k':4}},{'c':{}},{}): rec(Get(E('c',{}),'k','d'),c)
rec(Get(E('c',{}),E('k',''),'d'),{'c':{'z':4},'k':'z'}); rec(Get(E('c',{}),E('k',''),'d'),{'c':{'z':4},'k':None}); rec(Get(Get(E('c',{}),'a',{}),'b',0),{'c':{'a':{'b':7}}})
for v in ([],[1,2],'','abc','é',{},{'a':1}): rec(Len(E('v',[])),{'v':v})
for v in ([],['a'],{'a':1},{'b':1},None,'abc'): rec(In('a',E('v',[])),{'v':v})
rec(In('a',{'a':1})); rec(In('b',{'a':1})); rec(In(1,[1,2])); rec(In(E('k',1),E('v',[])),{'k':2,'v':[1,2]})
for v in ([1,1],[1,0],[0,0]): rec(And(E('a',0),E('b',True)),{'a':v[0],'b':v[1]}); rec(Or(E('a',0),E('b',True)),{'a':v[0],'b':v[1]}); rec(E('a',True)&E('b',True)&E('c',True),{'a':v[0],'b':v[1]})
for kw in [dict(year=2020,month=1,day=31,delta_months=1),dict(year=2020,month=2,day=29,delta_years=1),dict(year=2020,month=2,day=29,delta_years=4),dict(year=2020,month=1,day=31,delta_months=-2,delta_days=1),dict(year=2020,month=13,day=1),dict(year=2020,month=2,day=31),dict(year=2020,month=1,day=1,delta_months=25,delta_years=-1,delta_days=-40),dict(year=2020,month=12,day=31,delta_days=1),dict(year=2020,month=1,day=1,delta_months=-1),dict(year=2020,month=1,day=1,delta_months=12),dict(year=2020,month=1,day=1,delta_months=-13),dict(year=9999,month=12,day=31,delta_days=1),dict(year=1,month=1,day=1,delta_days=-1),dict(year=2020,month=12,day=31,delta_months=2,delta_days=1)]:
    rec(Date(**kw)); rec(DateTime(hour=1,minute=2,second=3,microsecond=4,**kw))
for s in (dt.date(2021,3,31),dt.datetime(2021,3,31,4,5,6,7)):
    rec(Date(start=E('s',d),delta_days=1),{'s':s}); rec(Date(start=E('s',d),delta_months=-1),{'s':s}); rec(Date(start=E('s',d),month=2),{'s':s}); rec(Date(start=E('s',d),day=1),{'s':s}); rec(DateTime(start=E('s',t),hour=5),{'s':s}); rec(DateTime(start=E('s',t),delta_hours=-5,delta_minutes=61,delta_seconds=-1,delta_microseconds=-8),{'s':s}); rec(DateTime(start=E('s',t),day=1,hour=0,minute=0,second=0,microsecond=0),{'s':s})
rec(Date(start=E('s',d),delta_days=1)); rec(DateTime(2020,1,31,23,59,59,999999,delta_months=1,delta_microseconds=1)); rec(DateTime(2020,1,1,25,0,0,0)); rec(DateTime(2020,1,1,1,1,1,1,delta_hours=25)); rec(DateTime(2020,1,1,1,1,1,1,delta_microseconds=-2)); rec(DateTime(2020,1,1,1,1,1,1,delta_seconds=86400*400))
rec(TimeDelta(1,2,3)); rec(TimeDelta(E('d',1)),{'d':1.5}); rec(TimeDelta(E('d',1),-1),{'d':0}); rec(TimeDelta(0,0,-1)); rec(TimeDelta(E('d',1)),{'d':D('0.1')} if 0 else {'d':2})
for s in ['{"__class__": "And", "s": [true]}','{"__class__": "Nope", "x": 1}','{"x": 1}','{"__class__": "Not", "v": 1}','[1, [2, {"a": {"__class__": "Eval", "v": "x", "d": null}}]]']: rec(s,{'x':5})
rec([['company','=',E('company',-1)],If(Equal(E('kind',''),'receivable'),['OR',['debit','>',0],['credit','<',0]],['OR',['credit','>',0],['debit','<',0]])],{'company':1,'kind':'receivable'})
rec({'invisible':~Bool(E('x')),'readonly':Not(Equal(E('state',''),'draft'))},{'state':'draft','x':3}); rec({'é☃😀':'é☃😀"\\/\n\x7f'}); rec([16,E('currency_digits',2)],{'currency_digits':3}); rec([16,E('currency_digits',2)],{'currency_digits':None})
names=['a','b','c','s','l','m']
def rb(n):
    if n<=0: return random.choice([True,False,E('b',True),Bool(E('s')),E('c',False)])
    k=random.randint(0,7)
    if k==0: return Not(rb(n-1))
    if k==1: return And(rb(n-1),rb(n-2),rb(n-1))
    if k==2: return Or(rb(n-1),rb(n-2))
    if k==3: return Equal(ri(n-1),ri(n-1))
    if k==4: return Greater(ri(n-1),ri(n-1),rb(n-2))
    if k==5: return Less(ri(n-1),ri(n-1),random.random()<.5)
    if k==6: return In(rs(n-1),['x','y',''])
    return Equal(rs(n-1),rs(n-1))
def ri(n):
    if n<=0: return random.choice([0,1,2,E('a',1),E('_parent_m.n',2)])
    k=random.randint(0,3)
    if k==0: return If(rb(n-1),ri(n-1),ri(n-1))
    if k==1: return Len(E('l',[]))
    if k==2: return Get(E('m',{}),'n',ri(n-1))
    return E('a',ri(n-1))
def rs(n):
    if n<=0: return random.choice(['','x',E('s',''),E('t','y')])
    return If(rb(n-1),rs(n-1),rs(n-1))
for i in range(200):
    ctx={}
    for k,vs in dict(a=[0,1,2,None,1.5,D('1.0')],b=[True,False,None],c=[1,0],s=['x','','z',None],l=[[],[1],[1,2]],m=[{},{'n':1}],_parent_m=[{'n':2},{}]).items():
        if random.random()<.7: ctx[k]=random.choice(vs)
    rec(random.choice([rb,ri,rs])(3),ctx)
