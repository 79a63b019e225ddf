package ir

import "paytond/models"

type configuration struct {
	models.Model
	Hostname models.Char
	Language models.Char
}

// Configurations is ir.configuration: the language of the database and the
// name under which it is reached.
var Configurations = models.Define(&configuration{
	Model:    models.Model{Name: "ir.configuration", String: "Configuration", Singleton: true, Internal: true},
	Hostname: models.NewChar(models.Field{String: "Hostname"}),
	Language: models.NewChar(models.Field{String: "language"}),
})

// Setup binds the language that a database has unless it is told another.
func (c *configuration) Setup(class *models.Class) { class.DefaultValue(c.Language, "en") }

// DefaultLanguage is the code of the database's language.
func DefaultLanguage(tx *models.Tx) string {
	return models.Cached(tx, "ir.configuration.language", func() string {
		for _, r := range Configurations.Search(tx, nil, models.Limit(1)) {
			if code := Configurations.Language.Of(r); code != "" {
				return code
			}
		}
		return "en"
	})
}

type session struct {
	models.Model
	Key models.Char
}

// Sessions is ir.session: who is logged in. Module res writes it.
var Sessions = models.Define(&session{
	Model: models.Model{Name: "ir.session", String: "Session", RecName: "key", Internal: true, Indexes: []models.Index{{Name: "create_uid_index", Columns: []string{"create_uid"}}}},
	Key:   models.NewChar(models.Field{String: "Key", Required: true, Index: true, Secret: true}),
})

// Setup withholds all of it from clients.
func (*session) Setup(c *models.Class) { withholdAll(c) }

func withholdAll(c *models.Class) { c.Withhold("fields_get", "default_get", "pre_validate") }

type wizardSession struct {
	models.Model
	Data models.Text
}

// WizardSessions is ir.session.wizard: the answers given so far in a wizard.
var WizardSessions = models.Define(&wizardSession{
	Model: models.Model{Name: "ir.session.wizard", String: "Session Wizard", Internal: true},
	Data:  models.NewText(models.Field{String: "Data"}),
})

type cacheState struct {
	models.Model
	Name      models.Char
	Timestamp models.Timestamp
}

// cacheStates is ir.cache. We keep caches by time; the table is Tryton's.
var cacheStates = models.Define(&cacheState{
	Model:     models.Model{Name: "ir.cache", String: "Cache", Internal: true},
	Name:      models.NewChar(models.Field{String: "Name", Required: true}),
	Timestamp: models.NewTimestamp(models.Field{String: "Timestamp"}),
})

type task struct {
	models.Model
	Name        models.Char
	Data        models.Dict
	DequeuedAt  models.Timestamp
	EnqueuedAt  models.Timestamp
	ExpectedAt  models.Timestamp
	FinishedAt  models.Timestamp
	ScheduledAt models.Timestamp
}

// tasks is ir.queue. Our rows are their own queue; the table is Tryton's.
var tasks = models.Define(&task{
	Model:       models.Model{Name: "ir.queue", String: "Queue", Internal: true},
	Name:        models.NewChar(models.Field{String: "Name", Required: true}),
	Data:        models.NewDict(models.Field{String: "Data"}),
	DequeuedAt:  models.NewTimestamp(models.Field{String: "Dequeued at"}),
	EnqueuedAt:  models.NewTimestamp(models.Field{String: "Enqueued at", Required: true}),
	ExpectedAt:  models.NewTimestamp(models.Field{String: "Expected at"}),
	FinishedAt:  models.NewTimestamp(models.Field{String: "Finished at"}),
	ScheduledAt: models.NewTimestamp(models.Field{String: "Scheduled at"}),
})

// Setup binds when a task was enqueued.
func (t *task) Setup(c *models.Class) {
	c.Default(t.EnqueuedAt, func(tx *models.Tx) any { return tx.Now() })
}

// Setup withholds all of it from clients.
func (*wizardSession) Setup(c *models.Class) { withholdAll(c) }
