"""The checks of proteus over XML-RPC, proteus' own connection, and those of Python's xmlrpc.client.

    PYTHONPATH=DRIVERS xmlrpc_check.py --url http://127.0.0.1:8000 --db NAME --user U --password P

DRIVERS is the directory of proteus_check.py, whose checks are made here through another connection.
"""
import argparse
import base64
import datetime
import sys
import traceback
import urllib.parse
import xmlrpc.client
from decimal import Decimal

import proteus.config

import checks
import proteus_check
import proteus_jsonrpc

NAMES = {1: 'UserError', 2: 'UserWarning', 3: 'LoginException', 4: 'ConcurrencyException'}
xmlrpc.client.Fault.name = property(lambda f: NAMES.get(f.faultCode, f.faultString))
xmlrpc.client.ProtocolError.name = property(lambda e: 'HTTP %d' % e.errcode)


def address(url, db, user, password):
    scheme, host = url.split('://')
    return '%s://%s:%s@%s/%s/' % (scheme, urllib.parse.quote(user), urllib.parse.quote(password, safe=''), host, db)


def session(url, db, user, password):
    "The header of a session, which costs less than a password with each call."
    user_id, key = xmlrpc.client.ServerProxy('%s/%s/' % (url, db), allow_none=True).common.db.login(user, {'password': password}, 'en')
    return 'Authorization', 'Session ' + base64.b64encode(('%s:%s:%s' % (user, user_id, key)).encode()).decode()


def connect(url, db, user, password):
    return proteus.config.set_xmlrpc('%s/%s/' % (url, db), headers=[session(url, db, user, password)])


def password_refused(args):
    try:
        proteus.config.set_xmlrpc(address(args.url, args.db, args.user, args.password + 'x'))
    except xmlrpc.client.ProtocolError as e:
        assert e.errcode == 401, e
        return
    raise AssertionError('not refused')


def strict(function):
    "Has an assertion that says nothing tell where it is: the checks take an error without words for none."
    def call():
        try:
            return function()
        except AssertionError as e:
            raise AssertionError(str(e) or traceback.format_exc(limit=-1))
    return call


proteus_jsonrpc.RPCError = xmlrpc.client.Error
proteus_jsonrpc.connect = connect


def fault(code, function, *args):
    try:
        function(*args)
    except xmlrpc.client.Fault as f:
        assert f.faultCode == code, f
        return f.faultString
    raise AssertionError('no fault')


class Plain:
    "Python's client without proteus."

    def __init__(self, args):
        self.args, self.url = args, '%s/%s/' % (args.url, args.db)
        self.server = xmlrpc.client.ServerProxy(
            address(args.url, args.db, args.user, args.password), allow_none=True, use_builtin_types=True)

    def root(self):
        server = xmlrpc.client.ServerProxy(self.args.url + '/')
        assert server.common.server.version().startswith('6.0.'), server.common.server.version()
        assert self.args.db in server.common.db.list()

    def session(self):
        anonymous = xmlrpc.client.ServerProxy(self.url, allow_none=True)
        text = fault(3, anonymous.common.db.login, self.args.user, {}, 'en')
        assert text == "('LoginException', ('password', 'Password for %s', 'password'))" % self.args.user, text
        header = session(self.args.url, self.args.db, self.args.user, self.args.password)
        server = xmlrpc.client.ServerProxy(self.url, allow_none=True, headers=[header])
        assert server.model.res.user.get_preferences(True, {})['language'] == 'en'
        assert server.common.db.logout() is None
        try:
            server.common.db.logout()
        except xmlrpc.client.ProtocolError as e:
            assert e.errcode == 401, e
        else:
            raise AssertionError('the session goes on')

    def types(self):
        attachment = self.server.model.ir.attachment
        data = bytes(range(256)) * 3
        resource = 'party.party,%d' % self.server.model.party.party.search([], 0, 1, None, {})[0]
        id_, = attachment.create([{'name': 'Snow ☃ & <more>\n', 'type': 'data', 'data': data, 'resource': resource}], {})
        row, = attachment.read([id_], ['name', 'data', 'link', 'create_date'], {})
        assert row['name'] == 'Snow ☃ & <more>\n' and row['data'] == data and row['link'] is None, row
        assert isinstance(row['create_date'], datetime.datetime), row
        found = attachment.search_count([('create_date', '<=', row['create_date'] + datetime.timedelta(seconds=1)), ('id', '=', id_)], {})
        assert found == 1, found
        payment, = self.server.model.account.payment.search_read([], 0, 1, None, ['amount', 'date'], {})
        assert isinstance(payment['amount'], Decimal) and type(payment['date']) is datetime.date, payment  # proteus taught Python's client
        assert self.server.model.account.payment.search_count([('amount', '=', payment['amount']), ('date', '=', payment['date'])], {})
        attachment.delete([id_], {})

    def faults(self):
        party = self.server.model.party.party
        assert fault(1, party.read, [99999999], ['name'], {}).startswith('You are trying to read records "99999999" of "Party"')
        assert fault(255, party.read, [1], ['no such'], {}) == "'no such'"
        assert fault(255, party.read, [1]) == 'Missing context argument'
        assert fault(4, party.write, party.search([], 0, 1, None, {}), {'code': 'X'}, {'_timestamp': {
            'party.party,%d' % party.search([], 0, 1, None, {})[0]: '1.000000'}})
        for method, status in ((party.nonsense, 403),):
            try:
                method({})
            except xmlrpc.client.ProtocolError as e:
                assert e.errcode == status, e
            else:
                raise AssertionError('answered')

    def introspection(self):
        names = self.server.system.listMethods()
        assert 'model.account.payment.approve' in names and 'wizard.account.payment.process.execute' in names
        assert self.server.system.methodHelp('model.account.payment.search_read')
        assert self.server.system.methodSignature('model.account.payment.search_read') == 'signatures not supported'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ('url', 'db', 'user', 'password'):
        parser.add_argument('--' + name, required=True)
    args = parser.parse_args()
    j, p, c = proteus_check.Journey(args), Plain(args), checks.Checks()
    for name, function in (
            ('root', p.root), ('session', p.session), ('types', p.types), ('faults', p.faults), ('introspection', p.introspection),
            ('proteus-basic', lambda: proteus.config.set_xmlrpc(address(args.url, args.db, args.user, args.password)).context['company'] and None),
            ('proteus-password-refused', lambda: password_refused(args)),
            ('proteus-login', j.login), ('payment-created', j.create), ('values-survive-reload', j.reload), ('rules-refuse', j.refusals),
            ('payment-approved', j.approve), ('process-opens-group', j.process_stripe), ('stripe-checkout-url', j.checkout),
            ('payments-settled', j.settle), ('report-rendered', j.report)):
        c.run(name, strict(function))
    return c.close()


if __name__ == '__main__':
    sys.exit(main())
