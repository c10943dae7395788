//! RFC 7643 section 3: the schemas of a resource.

use std::collections::HashSet;

use super::super::expect::{self, Findings};
use super::super::resource::Resource;
use super::super::{Check, Judge, Judgement, Operation, Scene, Subject};
use super::s2_2_silence::{each, refusal};
use crate::requirement::ambiguity;
use crate::scim::json::{Json, pointer_part};

pub(super) static CHECKS: &[&Check] = &[
    &SCHEMAS,
    &DISTINCT_SCHEMAS,
    &SCHEMA_ORDER,
    &BASE_SCHEMA,
    &DECLARED_SCHEMAS,
    &EXTENSION_LISTED,
    &EXTENSION_CONTAINER,
];

static SCHEMAS: Check = Check {
    id: "rfc7643/3/schemas",
    requirements: &[
        "RFC7643-3-02",
        "RFC7643-3-01",
        "RFC7643-3-03",
        "RFC7643-2.1-02",
        "RFC7643-3.3-01",
        "RFC7643-1.1-01",
    ],
    title: "A resource lists the URIs of its schemas",
    why: "By schemas a client knows what it reads; Entra ID expects it in every answer.",
    fix: "Return \"schemas\" as an array that is not empty in every representation.",
    judge: Judge::Exchange(schemas),
};

fn schemas(subject: &Subject<'_>) -> Judgement {
    let projected = subject.is_projected();
    subject.each(|resource, findings| {
        let value = resource.members.get("schemas");
        match value {
            Some(Json::Array(items)) if !items.is_empty() => uris(resource, items, findings),
            _ => {
                let finding = expect::body(resource.pointer("/schemas"), "an array of schema URIs", value);
                findings.tell(match (projected, resource.item) {
                    (true, Some(_)) => finding.read_as(ambiguity::A31_ITEM_WITHOUT_SCHEMAS),
                    (true, None) => finding.read_as(ambiguity::A31_RESOURCE_WITHOUT_SCHEMAS),
                    (false, _) => finding,
                });
            }
        }
    })
}

fn uris(resource: &Resource<'_>, items: &[Json], findings: &mut Findings) {
    for (index, item) in items.iter().enumerate() {
        let at = || resource.pointer(&format!("/schemas/{index}"));
        let Some(text) = item.as_str() else {
            findings.tell(expect::body(at(), "a string", Some(item)));
            continue;
        };
        if text.contains(['"', '\'']) {
            findings.tell(expect::body(at(), "a URI without quotation marks", Some(item)).of("RFC7643-1.1-01"));
        } else if !text.contains(':') || text.contains(char::is_whitespace) {
            findings.tell(expect::body(at(), "a URI", Some(item)).of("RFC7643-3-03"));
        }
    }
}

static DISTINCT_SCHEMAS: Check = Check {
    id: "rfc7643/3/distinct-schemas",
    requirements: &["RFC7643-3-05"],
    title: "schemas lists no URI twice",
    why: "A client that counts extensions by schemas counts one twice.",
    fix: "Add a URI only when it is not in the list yet.",
    judge: Judge::Exchange(distinct_schemas),
};

fn distinct_schemas(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        let items = listed(resource);
        let mut seen = HashSet::new();
        let repeated = items.iter().position(|item| item.as_str().is_some_and(|uri| !seen.insert(uri)));
        if let Some(index) = repeated {
            let pointer = resource.pointer(&format!("/schemas/{index}"));
            findings.tell(expect::body(pointer, "a URI that is not listed yet", items.get(index)));
        }
    })
}

static SCHEMA_ORDER: Check = Check {
    id: "rfc7643/3/schema-order",
    requirements: &["RFC7643-3-06"],
    title: "The order of schemas does not matter",
    why: "Clients write the URIs in whatever order their maps give them.",
    fix: "Look for each URI in the list; never take the first for the base schema.",
    judge: Judge::Scenario(schema_order),
};

/// The same resource was accepted with its schemas in one order and refused in another.
fn schema_order(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    each(scene, |contrast| {
        let only = contrast.difference.only(|difference| {
            difference.schemas_reordered = false;
            difference.members_reordered = false;
        });
        let told = only && contrast.difference.schemas_reordered;
        told.then(|| refusal(scene, contrast.refused, "success, as with the same schemas in another order"))
    })
}

static BASE_SCHEMA: Check = Check {
    id: "rfc7643/3/base-schema",
    requirements: &["RFC7643-3.3-02", "RFC7643-3-08", "RFC7643-4.1-01", "RFC7643-4.2-01"],
    title: "schemas lists the base schema of the resource",
    why: "A client does not find the user schema and takes the resource for something else.",
    fix: "List the URI that the resource type names as its schema.",
    judge: Judge::Exchange(base_schema),
};

fn base_schema(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        let Some(schema) = resource.schema else { return };
        let items = listed(resource);
        let uri = &schema.core.id;
        if items.is_empty() || items.iter().any(|item| item.as_str() == Some(uri)) {
            return;
        }
        let pointer = resource.pointer("/schemas");
        let other_case = items.iter().position(|item| item.as_str().is_some_and(|text| text.eq_ignore_ascii_case(uri)));
        let found = resource.members.get("schemas").map_or_else(String::new, ToString::to_string);
        let finding = expect::body(pointer, format!("{uri} among them"), None).actually(found);
        findings.tell(match other_case {
            Some(_) => finding.read_as(ambiguity::A33_URN_CASE_IN_SCHEMAS),
            None => finding,
        });
    })
}

static DECLARED_SCHEMAS: Check = Check {
    id: "rfc7643/3/declared-schemas",
    requirements: &["RFC7643-3-04"],
    title: "schemas lists only what the resource type declares",
    why: "A client cannot look up a schema that no resource type has.",
    fix: "Declare the extension in /ResourceTypes, or leave it out of schemas.",
    judge: Judge::Exchange(declared_schemas),
};

fn declared_schemas(subject: &Subject<'_>) -> Judgement {
    if !subject.scene.facts.types_published {
        return Judgement::NotApplicable;
    }
    subject.each(|resource, findings| {
        let Some(schema) = resource.schema else { return };
        for (index, item) in listed(resource).iter().enumerate() {
            let Some(text) = item.as_str() else { continue };
            let extension = || schema.extensions.iter().any(|(extension, _)| extension.id.eq_ignore_ascii_case(text));
            if !schema.core.id.eq_ignore_ascii_case(text) && !extension() {
                let pointer = resource.pointer(&format!("/schemas/{index}"));
                findings.tell(expect::body(
                    pointer,
                    format!("a schema of the resource type {}", schema.name),
                    Some(item),
                ));
            }
        }
    })
}

static EXTENSION_LISTED: Check = Check {
    id: "rfc7643/3/extension-listed",
    requirements: &["RFC7643-3-02", "RFC7643-3.3-03"],
    title: "An extension with values is listed in schemas",
    why: "Clients that go by schemas overlook the department and the manager.",
    fix: "Add the URI of every extension that has values to schemas.",
    judge: Judge::Exchange(extension_listed),
};

fn extension_listed(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        let Some(schemas) = resource.members.get("schemas").filter(|schemas| schemas.as_array().is_some()) else {
            return;
        };
        for (name, value) in resource.members.iter() {
            // Attribute names have no colon; extensions are keyed by their URN.
            let extension = name.contains(':') && value.as_object().is_some_and(has_values);
            if extension && !expect::holds(schemas, name) {
                let finding = expect::body(resource.pointer("/schemas"), format!("{name} among them"), None);
                findings.tell(finding.actually(schemas.to_string()).read_as(ambiguity::A34_EXTENSION_NOT_LISTED));
            }
        }
    })
}

fn has_values(object: &crate::scim::json::Object) -> bool {
    object.iter().any(|(_, value)| !value.is_unassigned())
}

static EXTENSION_CONTAINER: Check = Check {
    id: "rfc7643/3/extension-container",
    requirements: &["RFC7643-3-09", "RFC7643-3.3-06"],
    title: "Attributes of an extension stand in its container",
    why: "A client looks for the department under the URN of the extension and finds none.",
    fix: "Put them into an object whose name is the URN of the extension.",
    judge: Judge::Exchange(extension_container),
};

fn extension_container(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation == Operation::Me {
        return Judgement::NotApplicable;
    }
    subject.each(|resource, findings| {
        let Some(schema) = resource.schema else { return };
        for (extension, _) in &schema.extensions {
            for attribute in &extension.attributes {
                let stray = resource.members.get(&attribute.name).filter(|value| !value.is_unassigned());
                let own = || {
                    schema.core.attribute(&attribute.name).is_some()
                        || crate::scim::schema::builtin::common(&attribute.name).is_some()
                };
                if let Some(value) = stray.filter(|_| !own()) {
                    let pointer = resource.pointer(&format!("/{}", pointer_part(&attribute.name)));
                    findings.tell(expect::body(pointer, format!("a place under {}", extension.id), Some(value)));
                }
            }
        }
    })
}

fn listed<'r>(resource: &Resource<'r>) -> &'r [Json] {
    resource.members.get("schemas").and_then(Json::as_array).unwrap_or_default()
}
