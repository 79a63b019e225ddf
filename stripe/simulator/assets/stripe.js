// A stand-in for Stripe.js v3. It offers the calls that a checkout page makes and talks to the simulator that served it, so that
// card data goes from the browser to the simulator and never to the shop. No styles in markup, no eval: it runs under a strict policy.
(function () {
  'use strict';

  const origin = new URL(document.currentScript.src).origin;

  // ---- the API ----

  // flatten writes nested values as Stripe's form: {a: {b: [1]}} becomes a[b][0]=1.
  function flatten(form, prefix, value) {
    if (value === undefined || value === null) return;
    if (Array.isArray(value)) {
      value.forEach((one, i) => flatten(form, prefix + '[' + i + ']', one));
    } else if (typeof value === 'object') {
      for (const [name, one] of Object.entries(value)) flatten(form, prefix ? prefix + '[' + name + ']' : name, one);
    } else {
      form.append(prefix, String(value));
    }
  }

  async function call(key, method, path, params) {
    const form = new URLSearchParams();
    flatten(form, '', Object.assign({}, params, { key }));
    try {
      const response = method === 'GET'
        ? await fetch(origin + path + '?' + form)
        : await fetch(origin + path, { method, body: form });
      return await response.json();
    } catch (e) {
      return { error: { type: 'api_connection_error', message: 'An error occurred with our connection to Stripe.' } };
    }
  }

  // result turns an answer into Stripe.js's form: {paymentIntent: …} or {error: …}.
  function result(name, answer) {
    return answer.error ? { error: answer.error } : { [name]: answer };
  }

  function idOf(secret) {
    const at = String(secret).indexOf('_secret_');
    if (at < 0) throw new IntegrationError('Invalid value for the client secret: it should be of the form ${id}_secret_${secret}.');
    return String(secret).slice(0, at);
  }

  class IntegrationError extends Error {
    constructor(message) { super(message); this.name = 'IntegrationError'; }
  }

  // ---- what is typed ----

  const problems = {
    incomplete_number: 'Your card number is incomplete.',
    invalid_number: 'Your card number is invalid.',
    incomplete_expiry: "Your card's expiration date is incomplete.",
    invalid_expiry_month_past: "Your card's expiration date is in the past.",
    invalid_expiry_year_past: "Your card's expiration year is in the past.",
    incomplete_cvc: "Your card's security code is incomplete.",
    incomplete_iban: 'The IBAN you entered is incomplete.',
    invalid_iban: 'The IBAN you entered is invalid.',
    incomplete_account: 'Your bank account number is incomplete.',
    incomplete_routing: 'Your routing number is incomplete.',
    incomplete_name: 'Your name is incomplete.',
    incomplete_email: 'Your email is incomplete.',
  };

  const problem = code => code ? { type: 'validation_error', code, message: problems[code] } : undefined;

  function luhn(digits) {
    let sum = 0;
    [...digits].reverse().forEach((c, i) => {
      let d = Number(c);
      if (i % 2) d = d * 2 > 9 ? d * 2 - 9 : d * 2;
      sum += d;
    });
    return sum % 10 === 0;
  }

  // ibanIsRight checks an IBAN's check digits, letters counting from 10.
  function ibanIsRight(iban) {
    if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return false;
    let rest = 0;
    for (const c of iban.slice(4) + iban.slice(0, 4)) rest = Number(String(rest) + parseInt(c, 36)) % 97;
    return rest === 1;
  }

  function brandOf(digits) {
    if (/^4/.test(digits)) return 'visa';
    if (/^(5[1-5]|2[2-7])/.test(digits)) return 'mastercard';
    if (/^3[47]/.test(digits)) return 'amex';
    if (/^6(011|5)/.test(digits)) return 'discover';
    if (/^3[0689]/.test(digits)) return 'diners';
    if (/^35/.test(digits)) return 'jcb';
    if (/^62/.test(digits)) return 'unionpay';
    return 'unknown';
  }

  // checks say what is wrong with a field's value; undefined when nothing is.
  const checks = {
    cardnumber(value) {
      const digits = value.replace(/\D/g, '');
      const brand = brandOf(digits);
      if (digits.length < (brand === 'amex' ? 15 : brand === 'diners' ? 14 : 16)) return 'incomplete_number';
      if (!luhn(digits)) return 'invalid_number';
    },
    'exp-date'(value) {
      const { month, year } = expiry(value);
      if (!month || month > 12 || !year) return 'incomplete_expiry';
      const now = new Date();
      if (year < now.getFullYear()) return 'invalid_expiry_year_past';
      if (year === now.getFullYear() && month <= now.getMonth()) return 'invalid_expiry_month_past';
    },
    cvc: value => /^\d{3,4}$/.test(value.trim()) ? undefined : 'incomplete_cvc',
    iban(value) {
      const iban = value.replace(/\s/g, '').toUpperCase();
      if (iban.length < 15) return 'incomplete_iban';
      if (!ibanIsRight(iban)) return 'invalid_iban';
    },
    routing: value => /^\d{9}$/.test(value.trim()) ? undefined : 'incomplete_routing',
    account: value => /^\d{4,17}$/.test(value.trim()) ? undefined : 'incomplete_account',
    'billing-name': value => value.trim() ? undefined : 'incomplete_name',
    'billing-email': value => /@/.test(value) ? undefined : 'incomplete_email',
  };

  function expiry(value) {
    const digits = value.replace(/\D/g, '');
    const year = Number(digits.slice(2));
    return { month: Number(digits.slice(0, 2)), year: digits.length === 4 ? 2000 + year : digits.length === 6 ? year : 0 };
  }

  // ---- elements ----

  const fieldSets = {
    card: [['cardnumber', 'Card number', 'cc-number'], ['exp-date', 'MM / YY', 'cc-exp'], ['cvc', 'CVC', 'cc-csc'], ['postal', 'Postal code', 'postal-code']],
    cardNumber: [['cardnumber', '1234 1234 1234 1234', 'cc-number']],
    cardExpiry: [['exp-date', 'MM / YY', 'cc-exp']],
    cardCvc: [['cvc', 'CVC', 'cc-csc']],
    iban: [['iban', 'IBAN', 'off']],
    us_bank_account: [['billing-name', 'Name', 'name'], ['billing-email', 'Email', 'email'], ['routing', 'Routing number', 'off'], ['account', 'Account number', 'off']],
    sepa_debit: [['billing-name', 'Name', 'name'], ['billing-email', 'Email', 'email'], ['iban', 'IBAN', 'off']],
  };

  const optional = new Set(['postal']);

  function style(node, rules) {
    for (const [name, value] of Object.entries(rules)) node.style.setProperty(name, value);
    return node;
  }

  function input([name, label, autocomplete], element) {
    const field = document.createElement('input');
    Object.assign(field, { name, placeholder: label, autocomplete, type: 'text', inputMode: /number|date|cvc|routing|account/.test(name) ? 'numeric' : 'text' });
    field.setAttribute('aria-label', label);
    style(field, { border: '0', outline: '0', background: 'transparent', font: 'inherit', color: 'inherit', padding: '4px', 'min-width': '4em',
      flex: name === 'cardnumber' || name === 'iban' ? '3 1 12em' : '1 1 5em' });
    field.addEventListener('input', () => element.changed());
    field.addEventListener('focus', () => element.emit('focus', { elementType: element.type }));
    field.addEventListener('blur', () => element.emit('blur', { elementType: element.type }));
    field.addEventListener('keydown', event => { if (event.key === 'Escape') element.emit('escape', {}); });
    return field;
  }

  class Element {
    constructor(type, options, elements) {
      Object.assign(this, { type, options: options || {}, elements, listeners: {}, fields: new Map(), chosen: null, root: null });
    }

    on(event, listener) {
      (this.listeners[event] = this.listeners[event] || []).push(listener);
      return this;
    }

    once(event, listener) {
      const wrapped = value => { this.off(event, wrapped); listener(value); };
      return this.on(event, wrapped);
    }

    off(event, listener) {
      this.listeners[event] = (this.listeners[event] || []).filter(one => listener && one !== listener);
      return this;
    }

    emit(event, value) { (this.listeners[event] || []).slice().forEach(listener => listener(value)); }

    mount(target) {
      const parent = typeof target === 'string' ? document.querySelector(target) : target;
      if (!parent) throw new IntegrationError("The selector you specified (" + target + ") applies to no DOM elements that are currently on the page.");
      this.root = style(document.createElement('div'), { display: 'flex', 'flex-wrap': 'wrap', gap: '4px' });
      this.root.className = '__SimulatorElement';
      parent.replaceChildren(this.root);
      parent.classList.add('StripeElement', 'StripeElement--empty');
      this.parent = parent;
      this.build().then(() => this.emit('ready', { elementType: this.type }));
    }

    async build() {
      if (this.type !== 'payment') {
        this.show(this.type);
        return;
      }
      const types = await this.elements.methodTypes();
      if (types.length > 1) this.choice(types);
      this.show(types[0]);
    }

    // choice offers the kinds of payment methods that the intent takes.
    choice(types) {
      const bar = style(document.createElement('div'), { 'flex': '1 0 100%' });
      const select = document.createElement('select');
      select.name = 'payment-method-type';
      types.forEach(type => select.add(new Option({ card: 'Card', us_bank_account: 'US bank account', sepa_debit: 'SEPA debit' }[type] || type, type)));
      select.addEventListener('change', () => this.show(select.value));
      bar.append(select);
      this.root.append(bar);
    }

    show(kind) {
      this.fields.forEach(field => field.remove());
      this.fields.clear();
      this.chosen = this.type === 'payment' ? kind : this.type;
      for (const spec of fieldSets[kind] || []) {
        if (spec[0] === 'postal' && (this.options.hidePostalCode || this.type === 'payment')) continue;
        const field = input(spec, this);
        this.fields.set(spec[0], field);
        this.root.append(field);
      }
      if (this.options.disabled) this.fields.forEach(field => { field.disabled = true; });
    }

    value(name) { return this.fields.has(name) ? this.fields.get(name).value : ''; }

    // wrong finds the first field that is not filled rightly.
    wrong() {
      for (const [name, field] of this.fields) {
        const code = checks[name] && !optional.has(name) ? checks[name](field.value) : undefined;
        if (code) return code;
      }
    }

    changed() {
      const filled = [...this.fields.values()].filter(field => field.value !== '');
      const code = this.wrong();
      const complete = !code;
      // As Stripe.js, complain about what is surely wrong, not about what is not finished.
      const error = code && !code.startsWith('incomplete') ? problem(code) : undefined;
      this.parent.classList.toggle('StripeElement--empty', filled.length === 0);
      this.parent.classList.toggle('StripeElement--complete', complete);
      this.parent.classList.toggle('StripeElement--invalid', !!error);
      this.emit('change', { elementType: this.type, empty: filled.length === 0, complete, error, brand: brandOf(this.value('cardnumber').replace(/\D/g, '')),
        value: this.type === 'payment' ? { type: this.chosen } : { postalCode: this.value('postal') } });
    }

    update(options) {
      Object.assign(this.options, options);
      this.fields.forEach(field => { field.disabled = !!this.options.disabled; });
    }

    focus() { const first = this.fields.values().next().value; if (first) first.focus(); }
    blur() { this.fields.forEach(field => field.blur()); }
    clear() { this.fields.forEach(field => { field.value = ''; }); this.changed(); }
    unmount() { if (this.root) this.root.remove(); }
    destroy() { this.unmount(); this.elements.forget(this); }
  }

  class Elements {
    constructor(key, options) { Object.assign(this, { key, options: options || {}, made: [] }); }

    create(type, options) {
      if (type !== 'payment' && !fieldSets[type]) throw new IntegrationError('A valid Element name must be provided: ' + type + ' is not one that the simulator knows.');
      const element = new Element(type, options, this);
      this.made.push(element);
      return element;
    }

    getElement(type) { return this.made.find(one => one.type === type) || null; }
    forget(element) { this.made = this.made.filter(one => one !== element); }
    update(options) { Object.assign(this.options, options); }
    async fetchUpdates() { return {}; }

    async submit() {
      const element = this.made.find(one => one.wrong());
      return element ? { error: problem(element.wrong()) } : {};
    }

    async methodTypes() {
      if (!this.options.clientSecret) return this.options.paymentMethodTypes || ['card'];
      const id = idOf(this.options.clientSecret);
      const kind = id.startsWith('seti_') ? 'setup_intents' : 'payment_intents';
      const intent = await call(this.key, 'GET', '/v1/' + kind + '/' + id, { client_secret: this.options.clientSecret });
      const known = (intent.payment_method_types || ['card']).filter(type => fieldSets[type]);
      return known.length ? known : ['card'];
    }

    // sibling finds a field in any element of the group, since number, expiry and code may be apart.
    field(name) {
      for (const element of this.made) if (element.fields.has(name)) return element.value(name);
      return '';
    }
  }

  function cardOf(element) {
    const group = element.elements;
    for (const one of group.made) {
      const code = one.wrong();
      if (code && /number|expiry|cvc/.test(code)) return { error: problem(code) };
    }
    const { month, year } = expiry(group.field('exp-date'));
    return { card: { number: group.field('cardnumber').replace(/\D/g, ''), exp_month: month, exp_year: year, cvc: group.field('cvc').trim() },
      postal: group.field('postal') };
  }

  // methodData makes payment_method_data from what the page hands over.
  function methodData(type, data) {
    const source = data[type];
    let details = data.billing_details || {};
    if (type === 'card') {
      if (source && source.token) return { data: { type, card: { token: source.token }, billing_details: details } };
      const read = cardOf(source);
      if (read.error) return read;
      if (read.postal) details = Object.assign({}, details, { address: Object.assign({ postal_code: read.postal }, details.address) });
      return { data: { type, card: read.card, billing_details: details } };
    }
    if (type === 'sepa_debit') {
      const code = source instanceof Element ? source.wrong() : undefined;
      if (code) return { error: problem(code) };
      const iban = source instanceof Element ? source.value('iban') : source.iban;
      return { data: { type, sepa_debit: { iban }, billing_details: details } };
    }
    return { data: { type, [type]: source, billing_details: details } };
  }

  // fromElements makes payment_method_data from a payment element.
  function fromElements(elements, extra) {
    const element = elements.made.find(one => one.type === 'payment') || elements.made[0];
    if (!element) throw new IntegrationError('The elements have no mounted Element.');
    const code = element.wrong();
    if (code) return { error: problem(code) };
    const type = element.type === 'payment' ? element.chosen : 'card';
    const details = Object.assign({}, extra);
    if (element.value('billing-name')) details.name = element.value('billing-name');
    if (element.value('billing-email')) details.email = element.value('billing-email');
    if (type === 'card') return methodData('card', { card: element, billing_details: details });
    const data = type === 'sepa_debit' ? { iban: element.value('iban') }
      : { account_holder_type: 'individual', routing_number: element.value('routing'), account_number: element.value('account') };
    return { data: { type, [type]: data, billing_details: details } };
  }

  // ---- the bank's challenge ----

  function dialog(title, buttons, extra) {
    return new Promise(resolve => {
      const shade = style(document.createElement('div'), { position: 'fixed', inset: '0', background: 'rgba(0,0,0,.5)', display: 'flex',
        'align-items': 'center', 'justify-content': 'center', 'z-index': '2147483647' });
      shade.id = 'simulator-challenge';
      const box = style(document.createElement('div'), { background: '#fff', color: '#222', padding: '24px', 'border-radius': '8px',
        font: '16px/1.4 sans-serif', 'max-width': '26em' });
      box.setAttribute('role', 'dialog');
      box.setAttribute('aria-label', title);
      const text = document.createElement('p');
      text.textContent = title;
      box.append(text);
      if (extra) box.append(style(extra, { display: 'block', font: 'inherit', 'max-width': '100%' }));
      for (const [value, label] of buttons) {
        const button = style(document.createElement('button'), { margin: '8px 8px 0 0', padding: '8px 12px', font: 'inherit', cursor: 'pointer' });
        button.type = 'button';
        button.id = 'simulator-' + value;
        button.textContent = label;
        button.addEventListener('click', () => { shade.remove(); resolve(value); });
        box.append(button);
      }
      shade.append(box);
      document.body.append(shade);
      box.querySelector('button').focus();
    });
  }

  // The published test accounts of the simulated bank.
  const testAccounts = [
    ['000123456789', 'Success'], ['000111111113', 'Account closed'], ['000111111116', 'No such account'], ['000222222227', 'Insufficient funds'],
    ['000333333335', 'Debit not authorized'], ['000444444440', 'Invalid currency'], ['000555555559', 'Paid, then taken back'],
    ['000000000009', 'Stays in processing'], ['000777777771', 'Weekly limit exceeded'],
  ];

  // bankPicker is the window in which the customer finds his bank and links an account, or enters its numbers by hand.
  async function bankPicker() {
    const select = document.createElement('select');
    select.id = 'simulator-account';
    select.setAttribute('aria-label', 'Account');
    testAccounts.forEach(([number, label]) => select.add(new Option(label + ' \u2022\u2022\u2022\u2022' + number.slice(-4), number)));
    const choice = await dialog('Link a bank account with the simulated bank?',
      [['link', 'Link test account'], ['manual', 'Enter it by hand'], ['cancel', 'Cancel']], select);
    return { choice, account: select.value };
  }

  async function challenge(key, intent) {
    const answer = await dialog('3D Secure test page of the simulated bank: does the customer authenticate?',
      [['complete', 'Complete authentication'], ['fail', 'Fail authentication']]);
    return call(key, 'POST', '/_simulator/challenge/' + intent.id, { client_secret: intent.client_secret, result: answer });
  }

  // ---- Stripe ----

  class StripeStandIn {
    constructor(key) {
      if (!/^pk_(test|live)_/.test(String(key))) throw new IntegrationError('Invalid value for Stripe(): apiKey should be a publishable key.');
      this.key = key;
      this._apiKey = key;
    }

    elements(options) { return new Elements(this.key, options); }

    paymentRequest() {
      return { canMakePayment: async () => null, on() { return this; }, off() { return this; }, show() {}, update() {}, abort() {} };
    }

    // confirm is behind every confirm… call: kind is 'payment_intents' or 'setup_intents'.
    async confirm(kind, secret, type, data, options) {
      const name = kind === 'payment_intents' ? 'paymentIntent' : 'setupIntent';
      const params = { client_secret: secret, use_stripe_sdk: true };
      data = data || {};
      if (typeof data.payment_method === 'string') {
        params.payment_method = data.payment_method;
      } else if (data.payment_method) {
        const made = methodData(type, data.payment_method);
        if (made.error) return { error: made.error };
        params.payment_method_data = made.data;
      }
      for (const extra of ['return_url', 'setup_future_usage', 'receipt_email', 'shipping', 'payment_method_data', 'mandate_data']) {
        if (data[extra] !== undefined && params[extra] === undefined) params[extra] = data[extra];
      }
      const answer = await call(this.key, 'POST', '/v1/' + kind + '/' + idOf(secret) + '/confirm', params);
      return this.act(name, answer, options);
    }

    async act(name, answer, options) {
      const waits = !answer.error && answer.status === 'requires_action' && answer.next_action;
      if (!waits || (options && options.handleActions === false)) return result(name, answer);
      if (answer.next_action.type === 'redirect_to_url') {
        window.location.assign(answer.next_action.redirect_to_url.url);
        return new Promise(() => {});
      }
      if (answer.next_action.type !== 'use_stripe_sdk') return result(name, answer);
      return result(name, await challenge(this.key, answer));
    }

    confirmCardPayment(secret, data, options) { return this.confirm('payment_intents', secret, 'card', data, options); }
    confirmCardSetup(secret, data, options) { return this.confirm('setup_intents', secret, 'card', data, options); }
    handleCardPayment(secret, element, data) { return this.confirmCardPayment(secret, element instanceof Element ? { payment_method: Object.assign({ card: element }, (data || {}).payment_method_data) } : element); }
    handleCardSetup(secret, element, data) { return this.confirmCardSetup(secret, element instanceof Element ? { payment_method: Object.assign({ card: element }, (data || {}).payment_method_data) } : element); }
    confirmUsBankAccountPayment(secret, data, options) { return this.confirm('payment_intents', secret, 'us_bank_account', data, options); }
    confirmUsBankAccountSetup(secret, data, options) { return this.confirm('setup_intents', secret, 'us_bank_account', data, options); }
    confirmSepaDebitPayment(secret, data, options) { return this.confirm('payment_intents', secret, 'sepa_debit', data, options); }
    confirmSepaDebitSetup(secret, data, options) { return this.confirm('setup_intents', secret, 'sepa_debit', data, options); }

    confirmPayment(args) { return this.confirmElements('payment_intents', args); }
    confirmSetup(args) { return this.confirmElements('setup_intents', args); }

    async confirmElements(kind, args) {
      const secret = args.clientSecret || (args.elements && args.elements.options.clientSecret);
      const params = Object.assign({}, args.confirmParams);
      if (!params.return_url && args.redirect !== 'if_required') {
        throw new IntegrationError('stripe.confirmPayment(): the `return_url` was not specified in the confirmParams.');
      }
      if (args.elements) {
        const made = fromElements(args.elements, ((params.payment_method_data || {}).billing_details));
        if (made.error) return { error: made.error };
        params.payment_method_data = made.data;
      }
      const out = await this.confirm(kind, secret, 'card', params);
      const intent = out.paymentIntent || out.setupIntent;
      if (out.error || args.redirect === 'if_required') return out;
      const back = new URL(params.return_url);
      const name = kind === 'payment_intents' ? 'payment_intent' : 'setup_intent';
      back.searchParams.set(name, intent.id);
      back.searchParams.set(name + '_client_secret', secret);
      back.searchParams.set('redirect_status', intent.status === 'succeeded' || intent.status === 'processing' || intent.status === 'requires_capture' ? 'succeeded' : 'failed');
      window.location.assign(back);
      return new Promise(() => {});
    }

    async handleNextAction(args) {
      const secret = args.clientSecret;
      const setup = idOf(secret).startsWith('seti_');
      const kind = setup ? 'setup_intents' : 'payment_intents';
      const answer = await call(this.key, 'GET', '/v1/' + kind + '/' + idOf(secret), { client_secret: secret });
      return this.act(setup ? 'setupIntent' : 'paymentIntent', answer);
    }

    handleCardAction(secret) { return this.handleNextAction({ clientSecret: secret }); }

    async collect(kind, args) {
      const details = ((args.params || {}).payment_method_data || {}).billing_details || {};
      if (!details.name) throw new IntegrationError('You must provide billing_details.name to collect a bank account.');
      const name = kind === 'payment_intents' ? 'paymentIntent' : 'setupIntent';
      const { choice, account } = await bankPicker();
      const params = { client_secret: args.clientSecret, expand: args.expand };
      if (choice === 'cancel') return result(name, await call(this.key, 'GET', '/v1/' + kind + '/' + idOf(args.clientSecret), params));
      return result(name, await call(this.key, 'POST', '/_simulator/link/' + idOf(args.clientSecret),
        Object.assign(params, { billing_details: details, account_number: account, manual: choice === 'manual' })));
    }

    collectBankAccountForPayment(args) { return this.collect('payment_intents', args); }
    collectBankAccountForSetup(args) { return this.collect('setup_intents', args); }

    async verify(kind, name, secret, data) {
      return result(name, await call(this.key, 'POST', '/v1/' + kind + '/' + idOf(secret) + '/verify_microdeposits', Object.assign({ client_secret: secret }, data)));
    }

    verifyMicrodepositsForPayment(secret, data) { return this.verify('payment_intents', 'paymentIntent', secret, data); }
    verifyMicrodepositsForSetup(secret, data) { return this.verify('setup_intents', 'setupIntent', secret, data); }

    async retrievePaymentIntent(secret) {
      return result('paymentIntent', await call(this.key, 'GET', '/v1/payment_intents/' + idOf(secret), { client_secret: secret }));
    }

    async retrieveSetupIntent(secret) {
      return result('setupIntent', await call(this.key, 'GET', '/v1/setup_intents/' + idOf(secret), { client_secret: secret }));
    }

    async createToken(element, data) {
      const read = cardOf(element);
      if (read.error) return read;
      const card = Object.assign({}, data, read.card);
      if (read.postal && !card.address_zip) card.address_zip = read.postal;
      return result('token', await call(this.key, 'POST', '/v1/tokens', { card }));
    }

    async createPaymentMethod(args, element, extra) {
      if (typeof args === 'string') args = Object.assign({ type: args, card: element }, extra);
      const made = args.elements ? fromElements(args.elements, ((args.params || {}).billing_details)) : methodData(args.type, args);
      if (made.error) return { error: made.error };
      return result('paymentMethod', await call(this.key, 'POST', '/v1/payment_methods', Object.assign({ metadata: args.metadata }, made.data)));
    }
  }

  window.Stripe = function (key, options) { return new StripeStandIn(key, options); };
  window.Stripe.version = 3;
})();
