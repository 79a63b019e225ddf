package paymentstripe

import (
	"time"

	"paytond/models"
	"paytond/sql"
)

// ClaimPayments is the statement that claims due payments of an account, for a test that runs it under another plan.
func ClaimPayments(tx *models.Tx, limit int, account int64) sql.F {
	return claimSQL(tx, payments, newToken(), time.Minute, limit, wanted{account: account})
}
