// Package ir is Tryton's module ir: the records about the program itself. Its
// menus, actions, views and icons; its models, access rights and rules; its
// sequences, scheduled actions, languages, attachments and notes.
//
// declare.go has the constructors with which every module, this one included,
// declares such records. They are pure: parts in, rows of [models.Data] out.
//
// # Names of records that follow from the declarations
//
// The rows of ir.model and ir.model.field are written from the registry by
// [SyncModels], before any module's data that points to them. They are data
// records of module ir, named by [ModelRef] and [FieldRef].
//
// # One id per action
//
// An action has a row in ir.action and one in the table of its kind
// (ir.action.act_window …), and both have the same id: an id of an action on
// the wire is good for either.
//
// # Rights
//
// [NewAccess] answers from the rows of rights and rules, kept in memory for a
// few seconds and forgotten when this server changes one. Rows of a model add
// up: those without group hold for all, those of a group for its users; where
// no row speaks for a user, he may do everything. Global rules all hold; of the
// others one must. A button's rule may want several users to press it: then it
// works with the last of them.
//
// # Languages
//
// What the program says is in English. Translations stand in each module's
// locale/<language>.po and are loaded into ir.translation for the languages that
// the database is translated into ([TranslateInto], [LoadTranslations]); the
// framework looks each text up there. Messages are rows of ir.message, written
// from the modules' locale/<module>.pot, which a test of the whole program keeps.
// Rows of the language English are written when a translator asks for them.
//
// # What is Tryton's and not here
//
// The wizards that activate modules, the graph of
// models, the button that shows a view, triggers (there is the table, and no
// module offers an action for it), the queue ir.queue and the caches' table,
// which stay empty. Modules are the program's own: nobody activates one.
package ir
