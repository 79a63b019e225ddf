package simulator

// decline is a bank's refusal.
type decline struct {
	Code, DeclineCode, Message, Param string
}

var (
	genericDecline     = decline{"card_declined", "generic_decline", "Your card was declined.", ""}
	insufficientFunds  = decline{"card_declined", "insufficient_funds", "Your card has insufficient funds.", ""}
	lostCard           = decline{"card_declined", "lost_card", "Your card was declined.", ""}
	stolenCard         = decline{"card_declined", "stolen_card", "Your card was declined.", ""}
	velocityExceeded   = decline{"card_declined", "card_velocity_exceeded", "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.", ""}
	fraudulent         = decline{"card_declined", "fraudulent", "Your card was declined.", ""}
	expiredCard        = decline{"expired_card", "", "Your card has expired.", "exp_month"}
	incorrectCVC       = decline{"incorrect_cvc", "", "Your card's security code is incorrect.", "cvc"}
	processingError    = decline{"processing_error", "", "An error occurred while processing your card. Try again in a little bit.", ""}
	authRequired       = decline{"authentication_required", "authentication_required", "Your card was declined. This transaction requires authentication.", ""}
	authFailed         = decline{"payment_intent_authentication_failure", "", "We are unable to authenticate your payment method. Please choose a different payment method and try again.", ""}
	setupAuthFailed    = decline{"setup_intent_authentication_failure", "", "We are unable to authenticate your payment method. Please choose a different payment method and try again.", ""}
	authRequiredCharge = decline{"card_declined", "authentication_required", "Your card was declined. This transaction requires authentication.", ""}
)

// challenge says when a card's bank wants the customer to authenticate.
type challenge string

const (
	never          challenge = ""
	unlessSetUp    challenge = "unless_set_up"    // off session it passes once it was set up with authentication
	always         challenge = "always"           // also off session, which therefore fails
	onSessionOnly  challenge = "on_session_only"  // counts as set up already
	wheneverOnPage challenge = "whenever_on_page" // 3-D Secure is required where the customer is present; off session it is a decline
)

// testCard is how one of Stripe's published test cards behaves.
type testCard struct {
	Number     string
	Names      []string // after pm_card_ and tok_
	Brand      string
	Funding    string
	Country    string
	Charge     *decline // on any charge
	Attach     *decline // on keeping it for a customer; nil where it can be kept
	Challenge  challenge
	Dispute    string // reason of the dispute that follows a charge; "" for none
	Inquiry    bool   // the dispute is an early warning only
	RefundFate string // "" succeeds at once, "pending" succeeds later, "fails" fails later
}

func plain(number, brand, funding, country string, names ...string) testCard {
	return testCard{Number: number, Brand: brand, Funding: funding, Country: country, Names: names}
}

// refusing is a card that can neither be charged nor kept.
func refusing(number string, d decline, names ...string) testCard {
	return testCard{Number: number, Brand: "visa", Funding: "credit", Country: "US", Names: names, Charge: &d, Attach: &d}
}

func challenging(number string, c challenge, names ...string) testCard {
	return testCard{Number: number, Brand: "visa", Funding: "credit", Country: "US", Names: names, Challenge: c}
}

// testCards is Stripe's published list, as far as payments concern it. Attach is nil for the cards that Stripe lets be kept.
func testCards() []testCard {
	late := testCard{Number: "4000000000000341", Brand: "visa", Funding: "credit", Country: "US", Charge: &genericDecline,
		Names: []string{"chargeCustomerFail", "visa_chargeCustomerFail"}}
	poor := challenging("4000008260003178", always, "authenticationRequiredChargeDeclinedInsufficientFunds")
	poor.Charge = &insufficientFunds
	refusedAfter := challenging("4000008400001629", wheneverOnPage, "threeDSecureRequiredChargeDeclined")
	refusedAfter.Charge = &genericDecline
	dispute := func(number, reason string, inquiry bool, names ...string) testCard {
		return testCard{Number: number, Brand: "visa", Funding: "credit", Country: "US", Names: names, Dispute: reason, Inquiry: inquiry}
	}
	refund := func(number, fate string, names ...string) testCard {
		return testCard{Number: number, Brand: "visa", Funding: "credit", Country: "US", Names: names, RefundFate: fate}
	}
	return []testCard{
		plain("4242424242424242", "visa", "credit", "US", "visa", "us"),
		plain("4000056655665556", "visa", "debit", "US", "visa_debit"),
		plain("5555555555554444", "mastercard", "credit", "US", "mastercard"),
		plain("2223003122003222", "mastercard", "credit", "US"),
		plain("5200828282828210", "mastercard", "debit", "US", "mastercard_debit"),
		plain("5105105105105100", "mastercard", "prepaid", "US", "mastercard_prepaid"),
		plain("378282246310005", "amex", "credit", "US", "amex"),
		plain("371449635398431", "amex", "credit", "US"),
		plain("6011111111111117", "discover", "credit", "US", "discover"),
		plain("3056930009020004", "diners", "credit", "US", "diners"),
		plain("36227206271667", "diners", "credit", "US"),
		plain("3566002020360505", "jcb", "credit", "JP", "jcb", "jp"),
		plain("6200000000000005", "unionpay", "credit", "CN", "unionpay"),
		plain("4000000560000004", "visa", "credit", "BE", "be"),
		plain("4000002500001001", "visa", "credit", "FR", "fr"),
		plain("4000002760000016", "visa", "credit", "DE", "de"),
		plain("4000008260000000", "visa", "credit", "GB", "gb"),
		plain("4000007240000007", "visa", "credit", "ES", "es"),
		plain("4000005280000002", "visa", "credit", "NL", "nl"),
		plain("4000000000000077", "visa", "credit", "US", "bypassPending"),
		plain("4000000000009235", "visa", "credit", "US", "riskLevelElevated"),
		refusing("4000000000000002", genericDecline, "chargeDeclined", "visa_chargeDeclined"),
		refusing("4000000000009995", insufficientFunds, "chargeDeclinedInsufficientFunds", "visa_chargeDeclinedInsufficientFunds"),
		refusing("4000000000009987", lostCard, "chargeDeclinedLostCard", "visa_chargeDeclinedLostCard"),
		refusing("4000000000009979", stolenCard, "chargeDeclinedStolenCard", "visa_chargeDeclinedStolenCard"),
		refusing("4000000000000069", expiredCard, "chargeDeclinedExpiredCard"),
		refusing("4000000000000127", incorrectCVC, "chargeDeclinedIncorrectCvc"),
		refusing("4000000000000119", processingError, "chargeDeclinedProcessingError"),
		refusing("4000000000006975", velocityExceeded, "chargeDeclinedVelocityLimitExceeded", "visa_chargeDeclinedVelocityLimitExceeded"),
		refusing("4100000000000019", fraudulent, "radarBlock", "chargeDeclinedFraudulent"),
		late,
		challenging("4000002500003155", unlessSetUp, "authenticationRequiredOnSetup"),
		challenging("4000002760003184", always, "authenticationRequired"),
		challenging("4000003800000446", onSessionOnly, "authenticationRequiredSetupForOffSession"),
		poor,
		challenging("4000000000003220", wheneverOnPage, "threeDSecure2Required"),
		challenging("4000000000003063", wheneverOnPage, "threeDSecureRequired"),
		refusedAfter,
		challenging("4000000000003055", never, "threeDSecureOptional"),
		challenging("4000000000003097", never, "threeDSecureOptionalProcessingError"),
		dispute("4000000000000259", "fraudulent", false, "createDispute"),
		dispute("4000000000002685", "product_not_received", false, "createDisputeProductNotReceived"),
		dispute("4000000000001976", "fraudulent", true, "createDisputeInquiry"),
		refund("4000000000007726", "pending", "pendingRefund"),
		refund("4000000000005126", "fails", "refundFail"),
	}
}

// findCard finds a test card by number.
func findCard(number string) (testCard, bool) {
	for _, c := range testCards() {
		if c.Number == number {
			return c, true
		}
	}
	return testCard{}, false
}

// findCardByName finds a test card by what follows pm_card_ or tok_.
func findCardByName(name string) (testCard, bool) {
	for _, c := range testCards() {
		for _, n := range c.Names {
			if n == name {
				return c, true
			}
		}
	}
	return testCard{}, false
}

// luhn tells whether a card number's check digit is right.
func luhn(number string) bool {
	sum, double := 0, false
	for i := len(number) - 1; i >= 0; i-- {
		d := int(number[i] - '0')
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum, double = sum+d, !double
	}
	return sum%10 == 0
}
