package paymentstripe

// Point names a place of the engine at which a process may die. Tests give [Config.Reached] to end it there.
type Point string

// The points, in the order in which a job and an event pass them. Those "in" a transaction leave nothing of it behind.
const (
	PointClaiming   Point = "claiming"    // in the claim: rows have a lease, nothing is planned
	PointKeyed      Point = "keyed"       // in the claim: the attempts and their keys are written
	PointClaimed    Point = "claimed"     // the claim is committed, no call made
	PointCalling    Point = "calling"     // a job begins its calls
	PointAnswered   Point = "answered"    // Stripe has answered a call, nothing is recorded
	PointCalled     Point = "called"      // all calls of the job are made
	PointFreed      Point = "freed"       // in the finish: the lease is given back
	PointRecording  Point = "recording"   // in the finish: the attempts are completed
	PointTakenOver  Point = "taken over"  // in the finish: the payment has its new state
	PointFinished   Point = "finished"    // the finish is committed
	PointEventKept  Point = "event kept"  // in an event's transaction: it is stored
	PointEventTaken Point = "event taken" // in an event's transaction: it is applied
	PointEventDone  Point = "event done"  // the event is committed
)

// Points lists all of them.
func Points() []Point {
	return []Point{PointClaiming, PointKeyed, PointClaimed, PointCalling, PointAnswered, PointCalled, PointFreed, PointRecording,
		PointTakenOver, PointFinished, PointEventKept, PointEventTaken, PointEventDone}
}

// reached tells a test that the engine is there.
func (e *Engine) reached(p Point) {
	if e.onReached != nil {
		e.onReached(p)
	}
}
