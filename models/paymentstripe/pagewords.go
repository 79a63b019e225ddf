package paymentstripe

// PageWords are the texts of the checkout pages in one language. %s stands for an amount, or for a name.
type PageWords struct {
	Pay, PayTo, PaySum          string // heading; who is paid; the button
	Register, RegisterFor, Keep string // heading; for whom; the button
	NothingTaken                string
	For, Customer               string
	Card, NameOnCard            string
	Secure, NeedsScript         string

	Wait, NoStripe, NoAnswer          string // while the script works; Stripe.js is missing; paid, but we cannot say so yet
	Refused                           string // where Stripe gives no reason
	PaidTitle, PaidText               string
	KeptTitle, KeptText               string
	ReservedTitle, ReservedText       string
	ProcessingTitle, ProcessingText   string
	OverTitle, OverText               string
	NotFoundTitle, NotFoundText       string
	BusyTitle, BusyText               string
	UnavailableTitle, UnavailableText string
	FaultTitle, FaultText             string

	Debit DebitWords
}

// DebitWords are the texts for bank debits, and for pages where cards are not the only choice. %[1]s is who is paid; in the consents to
// one payment %[2]s is the amount.
type DebitWords struct {
	PayWith                            string // legend of the choice
	USBank, SEPA, IBAN                 string
	HolderName, Email                  string
	NeedName, NeedEmail                string
	ChooseBank, ChosenBank             string // the button that opens the bank's window; what was chosen there
	RegisterAny, KeepAny, NothingTaken string // as the card's, where cards are not the only choice
	SecureAny                          string
	Consent                            string // heading of the consent to a debit
	ACHOnce, ACHLater                  string
	SEPAOnce, SEPALater                string

	KeptBankTitle, KeptBankText string
	DebitTitle, DebitText       string // a debit is under way
	VerifyTitle, VerifyText     string // %s is the day on which deposits arrive
	VerifyLink                  string
	OtherWay                    string // opens the form, for who would rather not verify an account
}

// pageEnglish is what the pages say in English; other languages are in locale/, as of a report of the peer's name.
var pageEnglish = PageWords{
	Pay: "Payment", PayTo: "to %s", PaySum: "Pay %s",
	Register: "Register a card", RegisterFor: "for payments to %s", Keep: "Register card",
	NothingTaken: "Nothing is taken from your card now.",
	For:          "For", Customer: "Customer",
	Card: "Card", NameOnCard: "Name on the card",
	Secure:           "Your card details go to Stripe directly, over an encrypted connection. We never see them.",
	NeedsScript:      "To enter a card, this page needs JavaScript. Please allow it in your browser and load the page again.",
	Wait:             "One moment, please…",
	NoStripe:         "The card form could not be loaded. Please check your connection and load the page again.",
	NoAnswer:         "Your bank has answered, but we could not record it yet. Please do not try again: we will know of it shortly. You may close this page.",
	Refused:          "That did not work. Please check what you entered, or use another card.",
	PaidTitle:        "Thank you, that is paid",
	PaidText:         "Your payment has arrived. You may close this page.",
	KeptTitle:        "Thank you, your card is registered",
	KeptText:         "It will be used for your next payments. You may close this page.",
	ReservedTitle:    "Thank you, your payment is authorised",
	ReservedText:     "The amount is reserved on your card and will be taken later. You may close this page.",
	ProcessingTitle:  "Your payment is being processed",
	ProcessingText:   "Your bank is working on it. There is nothing more for you to do, and you may close this page.",
	OverTitle:        "This payment is closed",
	OverText:         "Nothing can be paid here any more. If you think that is wrong, please ask whoever sent you here.",
	NotFoundTitle:    "There is nothing here",
	NotFoundText:     "This link is wrong or no longer valid. Please check that you have copied all of it, or ask for a new one.",
	BusyTitle:        "Too many requests",
	BusyText:         "Please wait a moment, then load the page again.",
	UnavailableTitle: "Not available at the moment",
	UnavailableText:  "We cannot reach what we need. Please try again in a minute. Nothing has been taken from your card by opening this page.",
	FaultTitle:       "Something went wrong",
	FaultText:        "That is our fault, and we have taken note. Please try again later.",
	Debit:            debitEnglish,
}

// What a consent to a debit must say: who may debit what account with what and when, by what scheme, how to end it, and, for SEPA, that the
// bank gives back within eight weeks and that a debit is announced at least two days before.

var debitEnglish = DebitWords{
	PayWith: "Pay with", USBank: "US bank account", SEPA: "SEPA direct debit", IBAN: "IBAN",
	HolderName: "Name of the account holder", Email: "E-mail",
	NeedName: "Please enter the name of the account holder.", NeedEmail: "Please enter an e-mail address: your consent and news of the debit go there.",
	ChooseBank: "Choose bank account", ChosenBank: "Your account: %s",
	RegisterAny: "Register a means of payment", KeepAny: "Register", NothingTaken: "Nothing is taken from your account or card now.",
	SecureAny: "Your details go to Stripe directly, over an encrypted connection. We never see the numbers of your card or account.",
	Consent:   "Your consent to the debit",
	ACHOnce: "By pressing “Pay”, you allow %[1]s to take %[2]s from the bank account named here, once, by an electronic debit in the ACH network on or soon after today, " +
		"and to correct a wrong debit by another debit or a credit. The account must be yours. To withdraw your consent, tell %[1]s before the debit is sent to your bank.",
	ACHLater: "By confirming, you allow %[1]s to take what you owe for your orders and contracts from the bank account named here, by electronic debits in the ACH network, " +
		"and to correct a wrong debit by another debit or a credit. The account must be yours. This holds until you withdraw it, which you can do at any time by telling %[1]s 30 days ahead.",
	SEPAOnce: "By pressing “Pay”, you allow (A) %[1]s, and Stripe as its payment service provider, to instruct your bank to debit your account once with %[2]s, and (B) your bank to debit it as instructed. " +
		"You are entitled to a refund from your bank under the terms of your agreement with it; you must claim it within 8 weeks of the day of the debit. Your bank has a statement of your rights. You agree to be told of the debit as late as 2 days before it.",
	SEPALater: "By confirming, you allow (A) %[1]s, and Stripe as its payment service provider, to instruct your bank to debit your account, now and for later payments, and (B) your bank to debit it as instructed. " +
		"You are entitled to a refund from your bank under the terms of your agreement with it; you must claim it within 8 weeks of the day of a debit. Your bank has a statement of your rights. You agree to be told of later debits as late as 2 days before them.",
	KeptBankTitle: "Thank you, that is registered", KeptBankText: "Your next payments will be made this way. You may close this page.",
	DebitTitle: "Your payment is under way", DebitText: "Your bank has been told. It takes several working days until the money arrives. There is nothing more for you to do, and you may close this page.",
	VerifyTitle: "One more step: verify your bank account",
	VerifyText:  "One or two very small deposits from Stripe will arrive on your account, probably by %s. Look them up in your account's statement, then come back to this page and enter their amounts, or the code that begins with SM, where the link below leads. You have 10 days.",
	VerifyLink:  "Verify the account now", OtherWay: "Use another means of payment instead",
}
