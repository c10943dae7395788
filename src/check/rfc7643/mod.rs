//! RFC 7643, the schema.

mod s2_1_attributes;
mod s2_2_silence;
mod s2_3_data_types;
mod s2_3_references;
mod s2_4_multi_valued;
mod s2_5_no_value;
mod s3_1_common_attributes;
mod s3_1_meta;
mod s3_schemas;
mod s4_1_1_values;
mod s4_1_2_groups;
mod s4_1_2_values;
mod s4_1_user;
mod s4_2_group;
mod s4_3_enterprise_user;
mod s5_service_provider_config;
mod s6_resource_type;
mod s7_characteristics;
mod s7_schema;
mod s7_uniqueness;
mod s8_7_printed;

use super::Check;

/// The checks of each file, in the order of the sections.
pub(super) static FILES: &[&[&Check]] = &[
    s2_1_attributes::CHECKS,
    s2_2_silence::CHECKS,
    s2_3_data_types::CHECKS,
    s2_3_references::CHECKS,
    s2_4_multi_valued::CHECKS,
    s2_5_no_value::CHECKS,
    s3_schemas::CHECKS,
    s3_1_common_attributes::CHECKS,
    s3_1_meta::CHECKS,
    s4_1_user::CHECKS,
    s4_1_1_values::CHECKS,
    s4_1_2_groups::CHECKS,
    s4_1_2_values::CHECKS,
    s4_2_group::CHECKS,
    s4_3_enterprise_user::CHECKS,
    s5_service_provider_config::CHECKS,
    s6_resource_type::CHECKS,
    s7_schema::CHECKS,
    s7_characteristics::CHECKS,
    s7_uniqueness::CHECKS,
    s8_7_printed::CHECKS,
];
