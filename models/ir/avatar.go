package ir

import (
	"github.com/google/uuid"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

type avatar struct {
	models.Model
	Cache                  models.One2Many
	CopyToResources        models.MultiSelection
	CopyToResourcesVisible models.Boolean
	Image                  models.Binary
	ImageID                models.Char
	LastModification       models.DateTime
	LastUser               models.Char
	Resource               models.Reference
	UUID                   models.Char
}

// Avatars is ir.avatar.
var Avatars = models.Define(&avatar{
	Model: models.Model{Name: "ir.avatar", String: "Avatar", Order: []domain.OrderTerm{{Field: "last_modification", Desc: true}}},
	Cache: models.NewOne2Many(models.Field{String: "Cache", Relation: "ir.avatar.cache", RelationField: "avatar"}),
	CopyToResources: models.NewMultiSelection(models.Field{
		String: "Copy to Resources", SelectionMethod: "get_copy_to_resources",
		SelectionChangeWith: []string{"resource"},
		States:              map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("copy_to_resources_visible", "")))},
		Depends:             []string{"copy_to_resources_visible"},
	}),
	CopyToResourcesVisible: models.NewBoolean(models.Field{String: "Copy to Resources Visible", Readonly: true, Function: true}),
	Image:                  models.NewBinary(models.Field{String: "Image"}),
	ImageID:                models.NewChar(models.Field{String: "Image ID", Readonly: true}),
	LastModification: models.NewDateTime(models.Field{
		String: "Last Modification", Readonly: true, Function: true,
		States: map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("last_modification", "")))},
	}),
	LastUser: models.NewChar(models.Field{
		String: "Last User", Readonly: true, Function: true,
		States: map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("last_user", "")))},
	}),
	Resource: models.NewReference(models.Field{String: "Resource", Required: true, SelectionMethod: "get_models"}),
	UUID:     models.NewChar(models.Field{String: "UUID", Required: true}),
})

type avatarImage struct {
	models.Model
	Avatar  models.Many2One
	Image   models.Binary
	ImageID models.Char
	Size    models.Integer
}

// AvatarImages is ir.avatar.cache.
var AvatarImages = models.Define(&avatarImage{
	Model:   models.Model{Name: "ir.avatar.cache", String: "Avatar Cache", Internal: true, Order: models.Order("id", "size")},
	Avatar:  models.NewMany2One(models.Field{String: "Avatar", Required: true, Relation: "ir.avatar"}),
	Image:   models.NewBinary(models.Field{String: "Image"}),
	ImageID: models.NewChar(models.Field{String: "Image ID", Readonly: true}),
	Size: models.NewInteger(models.Field{
		String: "Size", Required: true, Domain: []any{[]any{"size", ">", 0}, []any{"size", "<=", 2048}},
	}),
})

// Setup binds the address of an avatar.
func (v *avatar) Setup(c *models.Class) {
	resource{v.Resource, v.CopyToResourcesVisible, v.LastModification, v.LastUser}.bind(c)
	c.Default(v.UUID, func(*models.Tx) any { return uuid.NewString() })
	c.OnCopy(func(_ *models.Tx, values models.Values) { values["uuid"] = uuid.NewString() })
	c.AfterWrite(func(tx *models.Tx, records []*models.Record, values models.Values) error {
		if _, changed := values["image"]; !changed {
			return nil
		}
		for _, r := range records {
			if err := AvatarImages.Delete(tx, v.Cache.Of(r)); err != nil {
				return err
			}
		}
		return nil
	})
}
