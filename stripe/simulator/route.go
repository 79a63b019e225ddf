package simulator

import (
	"strings"
)

// route is one endpoint of the API.
type route struct {
	method    string
	pattern   string // ":id" and ":second" stand for ids
	operation string // the name that faults and the gateway use
	public    bool   // open to publishable keys
	handle    func(*request) (any, *apiError)
}

// routes is the API. The order matters only where a word stands in the place of an id.
func routes() []route {
	const get, post, del = "GET", "POST", "DELETE"
	return []route{
		{get, "/v1/account", "account.retrieve", false, (*request).retrieveAccount},
		{get, "/v1/balance", "balance.retrieve", false, (*request).retrieveBalance},
		{get, "/v1/balance_transactions", "balance_transaction.list", false, (*request).listBalanceEntries},
		{get, "/v1/balance_transactions/:id", "balance_transaction.retrieve", false, (*request).retrieveBalanceEntry},

		{post, "/v1/payouts", "payout.create", false, (*request).createPayout},
		{get, "/v1/payouts", "payout.list", false, (*request).listPayouts},
		{get, "/v1/payouts/:id", "payout.retrieve", false, (*request).retrievePayout},

		{post, "/v1/customers", "customer.create", false, (*request).createCustomer},
		{get, "/v1/customers", "customer.list", false, (*request).listCustomers},
		{get, "/v1/customers/:id", "customer.retrieve", false, (*request).retrieveCustomer},
		{post, "/v1/customers/:id", "customer.update", false, (*request).updateCustomer},
		{del, "/v1/customers/:id", "customer.delete", false, (*request).deleteCustomer},
		{get, "/v1/customers/:id/payment_methods", "payment_method.list", false, (*request).listMethods},
		{get, "/v1/customers/:id/sources", "source.list", false, (*request).listSources},
		{post, "/v1/customers/:id/sources", "source.attach", false, (*request).createSource},
		{get, "/v1/customers/:id/sources/:second", "source.retrieve", false, (*request).retrieveSource},
		{del, "/v1/customers/:id/sources/:second", "source.delete", false, (*request).deleteSource},

		{post, "/v1/sources", "source.create", true, (*request).createSourceObject},
		{get, "/v1/sources/:id", "source.retrieve", true, (*request).retrieveSourceObject},
		{post, "/v1/sources/:id", "source.update", true, (*request).updateSourceObject},

		{post, "/v1/tokens", "token.create", true, (*request).createToken},
		{get, "/v1/tokens/:id", "token.retrieve", true, (*request).retrieveToken},

		{post, "/v1/payment_methods", "payment_method.create", true, (*request).createMethod},
		{get, "/v1/payment_methods", "payment_method.list", false, (*request).listMethods},
		{get, "/v1/payment_methods/:id", "payment_method.retrieve", false, (*request).retrieveMethod},
		{post, "/v1/payment_methods/:id", "payment_method.update", false, (*request).updateMethod},
		{post, "/v1/payment_methods/:id/attach", "payment_method.attach", false, (*request).attachMethod},
		{post, "/v1/payment_methods/:id/detach", "payment_method.detach", false, (*request).detachMethod},

		{post, "/v1/setup_intents", "setup_intent.create", false, (*request).createSetupIntent},
		{get, "/v1/setup_intents", "setup_intent.list", false, (*request).listSetupIntents},
		{get, "/v1/setup_intents/:id", "setup_intent.retrieve", true, (*request).retrieveSetupIntent},
		{post, "/v1/setup_intents/:id", "setup_intent.update", false, (*request).updateSetupIntent},
		{post, "/v1/setup_intents/:id/confirm", "setup_intent.confirm", true, (*request).confirmSetupIntent},
		{post, "/v1/setup_intents/:id/cancel", "setup_intent.cancel", false, (*request).cancelSetupIntent},
		{post, "/v1/setup_intents/:id/verify_microdeposits", "setup_intent.verify_microdeposits", true, (*request).verifySetupIntent},

		{post, "/v1/payment_intents", "payment_intent.create", false, (*request).createPaymentIntent},
		{get, "/v1/payment_intents", "payment_intent.list", false, (*request).listPaymentIntents},
		{get, "/v1/payment_intents/:id", "payment_intent.retrieve", true, (*request).retrievePaymentIntent},
		{post, "/v1/payment_intents/:id", "payment_intent.update", false, (*request).updatePaymentIntent},
		{post, "/v1/payment_intents/:id/confirm", "payment_intent.confirm", true, (*request).confirmPaymentIntent},
		{post, "/v1/payment_intents/:id/capture", "payment_intent.capture", false, (*request).capturePaymentIntent},
		{post, "/v1/payment_intents/:id/cancel", "payment_intent.cancel", false, (*request).cancelPaymentIntent},
		{post, "/v1/payment_intents/:id/verify_microdeposits", "payment_intent.verify_microdeposits", true, (*request).verifyPaymentIntent},

		{post, "/v1/charges", "charge.create", false, (*request).createCharge},
		{get, "/v1/charges", "charge.list", false, (*request).listCharges},
		{get, "/v1/charges/:id", "charge.retrieve", false, (*request).retrieveCharge},
		{post, "/v1/charges/:id", "charge.update", false, (*request).updateCharge},
		{post, "/v1/charges/:id/capture", "charge.capture", false, (*request).captureCharge},

		{post, "/v1/refunds", "refund.create", false, (*request).createRefund},
		{get, "/v1/refunds", "refund.list", false, (*request).listRefunds},
		{get, "/v1/refunds/:id", "refund.retrieve", false, (*request).retrieveRefund},
		{post, "/v1/refunds/:id", "refund.update", false, (*request).updateRefund},

		{get, "/v1/disputes", "dispute.list", false, (*request).listDisputes},
		{get, "/v1/disputes/:id", "dispute.retrieve", false, (*request).retrieveDispute},
		{post, "/v1/disputes/:id", "dispute.update", false, (*request).updateDispute},
		{post, "/v1/disputes/:id/close", "dispute.close", false, (*request).closeDispute},

		{get, "/v1/mandates/:id", "mandate.retrieve", false, (*request).retrieveMandate},

		{get, "/v1/events", "event.list", false, (*request).listEvents},
		{get, "/v1/events/:id", "event.retrieve", false, (*request).retrieveEvent},

		{post, "/v1/webhook_endpoints", "webhook_endpoint.create", false, (*request).createEndpoint},
		{get, "/v1/webhook_endpoints", "webhook_endpoint.list", false, (*request).listEndpoints},
		{get, "/v1/webhook_endpoints/:id", "webhook_endpoint.retrieve", false, (*request).retrieveEndpoint},
		{post, "/v1/webhook_endpoints/:id", "webhook_endpoint.update", false, (*request).updateEndpoint},
		{del, "/v1/webhook_endpoints/:id", "webhook_endpoint.delete", false, (*request).deleteEndpoint},
	}
}

// findRoute finds the endpoint of a request and the ids in its path.
func (s *Simulator) findRoute(method, path string) (found route, id, second string, ok bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for _, one := range s.routes {
		if one.method != method {
			continue
		}
		want := strings.Split(strings.Trim(one.pattern, "/"), "/")
		if len(want) != len(parts) {
			continue
		}
		id, second, fits := "", "", true
		for i, w := range want {
			switch w {
			case ":id":
				id = parts[i]
			case ":second":
				second = parts[i]
			default:
				fits = fits && w == parts[i]
			}
		}
		if fits && (id != "" || !strings.Contains(one.pattern, ":id")) {
			return one, id, second, true
		}
	}
	return route{}, "", "", false
}
