package experiments

import (
	"context"

	"vouch/internal/engine"
	"vouch/referral"
)

// beyond reads what lies beside the arms: interference and novelty.
func (r *read) beyond(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) error {
	return nil
}
