'use strict';
(function () {
  const { key, secret, kind, element: type } = document.body.dataset;
  const stripe = Stripe(key);
  const elements = stripe.elements({ clientSecret: secret });
  const element = elements.create(type);
  element.on('ready', () => document.body.classList.add('ready'));
  element.on('change', event => {
    document.getElementById('problem').textContent = event.error ? event.error.message : '';
    document.body.dataset.complete = String(event.complete);
  });
  element.mount('#element');

  const billing_details = { name: 'Alice Martin', email: 'alice@example.com' };
  const ways = {
    payment: () => stripe.confirmCardPayment(secret, { payment_method: { card: element, billing_details } }),
    setup: () => stripe.confirmCardSetup(secret, { payment_method: { card: element, billing_details } }),
    element: () => stripe.confirmPayment({ elements, confirmParams: {}, redirect: 'if_required' }),
    elementSetup: () => stripe.confirmSetup({ elements, confirmParams: {}, redirect: 'if_required' }),
    redirect: () => stripe.confirmPayment({ elements, confirmParams: { return_url: location.origin + '/back' } }),
    token: () => stripe.createToken(element, { name: 'Alice Martin' }),
    method: () => stripe.createPaymentMethod({ type: 'card', card: element, billing_details }),
    bank: () => stripe.collectBankAccountForPayment({ clientSecret: secret, params: { payment_method_type: 'us_bank_account', payment_method_data: { billing_details } } })
      .then(out => out.error ? out : stripe.confirmUsBankAccountPayment(secret)),
  };
  document.getElementById('form').addEventListener('submit', async event => {
    event.preventDefault();
    const result = document.getElementById('result');
    result.textContent = '';
    const out = await ways[kind]();
    const object = out.paymentIntent || out.setupIntent || out.token || out.paymentMethod || {};
    result.textContent = out.error
      ? JSON.stringify({ error: out.error.code, decline: out.error.decline_code, type: out.error.type, message: out.error.message })
      : JSON.stringify({ object: object.object, status: object.status, last4: object.card && object.card.last4, metadata: object.metadata });
  });
})();
