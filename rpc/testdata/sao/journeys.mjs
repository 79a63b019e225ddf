// Journeys of our own for the web client, beside those of the shared driver: tryton_clients_test.go puts these files in their place in it.
// A journey is given the client c, the names of the reference data, the run and check, as there.

const journeys = {
  async login(c, ref, run, check) {
    c.listen()
    await check('login', () => c.login(run.db, run.user, run.password))
  },
  menus,
  setup,
  pay,
  print,
  stripeAccount,
  stripePayments,
  stripeCustomer,
  lists,
  partyForm,
  resources,
  paymentForm,
  customerForm,
  administration,
  figures,
  preferences,
}
