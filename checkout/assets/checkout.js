// The page of a payment or of a card's registration. Stripe.js takes the card and pays; what then holds is asked of
// our own server, which asks Stripe.
(() => {
  'use strict';

  const form = document.getElementById('checkout');
  const button = document.getElementById('submit');
  const problem = document.getElementById('problem');
  const result = document.getElementById('result');
  const account = document.getElementById('account');
  const other = document.getElementById('other'); // what holds the form while an account is to be verified
  const facts = form.dataset;
  const label = button.textContent;
  const setup = facts.kind === 'setup';
  let stripe;
  let chosen; // the method that is shown
  let linked = false; // a bank account has been chosen, and waits for the customer's consent

  // field makes one of Stripe's fields in the page, and waits until it can be used.
  function field(type, options) {
    const style = getComputedStyle(document.getElementById('name'));
    const element = stripe.elements().create(type, Object.assign({
      style: { base: { color: style.color, fontFamily: style.fontFamily, fontSize: style.fontSize } },
    }, options));
    element.on('change', (event) => complain(event.error && event.error.message));
    element.mount('#' + type);
    return new Promise((resolve) => element.on('ready', () => resolve(element)));
  }

  // A method of payment: how its fields are mounted when it is first shown, what comes before the customer can confirm, and how an intent
  // is confirmed. The last two give what Stripe.js gives: {error} or {paymentIntent} or {setupIntent}.
  const methods = {
    card: {
      async mount() { this.element = await field('card', { hidePostalCode: true }); },
      confirm(secret, payer) {
        const paid = { payment_method: { card: this.element, billing_details: payer } };
        return setup ? stripe.confirmCardSetup(secret, paid) : stripe.confirmCardPayment(secret, paid);
      },
    },
    sepa_debit: {
      debit: true,
      async mount() { this.element = await field('iban', { supportedCountries: ['SEPA'] }); },
      confirm(secret, payer) {
        const paid = { payment_method: { sepa_debit: this.element, billing_details: payer } };
        return setup ? stripe.confirmSepaDebitSetup(secret, paid) : stripe.confirmSepaDebitPayment(secret, paid);
      },
    },
    us_bank_account: {
      debit: true,
      async mount() {},
      prepare(secret, payer) {
        const wanted = { clientSecret: secret, expand: ['payment_method'],
          params: { payment_method_type: 'us_bank_account', payment_method_data: { billing_details: payer } } };
        return setup ? stripe.collectBankAccountForSetup(wanted) : stripe.collectBankAccountForPayment(wanted);
      },
      confirm(secret) { return setup ? stripe.confirmUsBankAccountSetup(secret) : stripe.confirmUsBankAccountPayment(secret); },
    },
  };

  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  function complain(text) {
    problem.textContent = text || '';
    problem.hidden = !text;
  }

  function busy(yes) {
    button.disabled = yes;
    button.textContent = yes ? facts.wait : chosen && chosen.prepare && !linked ? facts.chooseBank : label;
    form.setAttribute('aria-busy', String(yes));
  }

  function show(state, title, text, link) {
    form.hidden = true;
    if (other) other.hidden = true;
    result.className = 'result ' + state;
    result.hidden = false;
    const heading = document.getElementById('result-title');
    heading.textContent = title;
    document.getElementById('result-text').textContent = text;
    const line = document.getElementById('result-link');
    if (link) line.querySelector('a').href = link;
    line.hidden = !link;
    heading.tabIndex = -1;
    (title ? heading : result).focus();
  }

  // ask has our server look at Stripe; null when there was no useful answer.
  async function ask() {
    try {
      const answer = await fetch(location.pathname, { method: 'POST', headers: { Accept: 'application/json' }, cache: 'no-store' });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  // settle shows what became of it. Stripe has said that there is nothing more to do here, so the form never comes back.
  async function settle() {
    let shown = false;
    for (const wait of [0, 1000, 2000, 4000, 8000, 15000]) {
      await pause(wait);
      const now = await ask();
      if (now && now.state !== 'open') {
        show(now.state, now.title, now.message, now.link);
        shown = true;
        if (now.state !== 'processing' || now.later) return;
      }
    }
    if (!shown) show('processing', '', facts.noAnswer);
  }

  // wanting tells whether an intent still wants something from the customer.
  const wanting = (intent) => !intent || ['requires_payment_method', 'requires_confirmation', 'canceled'].includes(intent.status);

  // payerOf reads who pays; null when a debit lacks something, which is said then.
  function payerOf(method) {
    const payer = {};
    for (const name of method.debit ? ['name', 'email'] : ['name']) {
      const input = document.getElementById(name);
      const text = input.value.trim();
      if (method.debit && (!text || !input.checkValidity())) {
        complain(name === 'name' ? facts.needName : facts.needEmail);
        input.setAttribute('aria-invalid', 'true');
        input.focus();
        return null;
      }
      input.removeAttribute('aria-invalid');
      if (text) payer[name] = text;
    }
    return payer;
  }

  // showLinked shows the bank account that was chosen, and what the customer agrees to by going on; null hides them.
  function showLinked(intent) {
    linked = intent !== null;
    if (!account) return;
    const bank = linked && intent.payment_method && intent.payment_method.us_bank_account;
    const name = bank ? [bank.bank_name, bank.last4 && '\u2022\u2022\u2022\u2022 ' + bank.last4].filter(Boolean).join(' ') : '';
    account.textContent = name ? account.dataset.text.replace('%s', name) : '';
    account.hidden = !name;
    document.getElementById('consent-us_bank_account').hidden = !linked;
  }

  // attempt makes Stripe.js's calls fail in one way only.
  async function attempt(call) {
    try {
      return await call();
    } catch {
      return { error: {} };
    }
  }

  const intentOf = (outcome) => outcome.error
    ? outcome.error.payment_intent || outcome.error.setup_intent : outcome.paymentIntent || outcome.setupIntent;

  async function submit(method) {
    complain('');
    const payer = payerOf(method);
    if (!payer) return;
    busy(true);
    if (method.prepare && !linked) {
      const outcome = await attempt(() => method.prepare(facts.secret, payer));
      const intent = intentOf(outcome);
      if (!outcome.error && intent.status === 'requires_payment_method') { // he closed his bank's window
        busy(false);
        return;
      }
      if (outcome.error || intent.status === 'requires_confirmation') {
        if (!outcome.error) showLinked(intent);
        busy(false);
        if (outcome.error) complain(outcome.error.message || facts.refused);
        button.focus();
        return;
      }
      await settle(); // in another window it has gone on already
      return;
    }
    const outcome = await attempt(() => method.confirm(facts.secret, payer));
    const error = outcome.error;
    const intent = intentOf(outcome);
    if (wanting(intent) || (error && intent.status === 'requires_action')) {
      showLinked(null);
      busy(false);
      complain((error && error.message) || facts.refused);
      return;
    }
    await settle(); // also where it had been paid before, in another window or in an answer that was lost
  }

  // choose shows a method's fields, and mounts them the first time.
  async function choose(name) {
    chosen = methods[name];
    showLinked(null);
    for (const part of form.querySelectorAll('[data-methods]')) part.hidden = !part.dataset.methods.split(' ').includes(name);
    for (const consent of form.querySelectorAll('.consent')) consent.hidden = consent.id !== 'consent-' + name || !!chosen.prepare;
    document.getElementById('name').autocomplete = chosen.debit ? 'name' : 'cc-name';
    button.disabled = true;
    chosen.mounted = chosen.mounted || chosen.mount();
    const wanted = chosen;
    try {
      await chosen.mounted;
    } catch {
      complain(facts.noStripe);
      return;
    }
    if (wanted === chosen) busy(false);
  }

  function start() {
    try {
      stripe = window.Stripe(facts.key, { locale: facts.locale });
    } catch {
      complain(facts.noStripe);
      return;
    }
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (!button.disabled) submit(chosen);
    });
    for (const radio of form.querySelectorAll('input[type=radio]')) {
      radio.addEventListener('change', () => {
        complain('');
        choose(radio.value);
      });
    }
    choose(form.elements.method.value);
  }

  // Stripe's fields are made when they are first seen.
  if (other) other.addEventListener('toggle', start, { once: true });
  else start();
})();
