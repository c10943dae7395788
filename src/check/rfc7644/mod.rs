//! RFC 7644, the protocol.

mod s1_3_addresses;
mod s2_authentication;
mod s3_11_me;
mod s3_12_errors;
mod s3_14_versioning;
mod s3_1_media_type;
mod s3_2_answers;
mod s3_3_create;
mod s3_4_1_retrieve;
mod s3_4_2_2_filter;
mod s3_4_2_3_sort;
mod s3_4_2_4_pagination;
mod s3_4_2_4_same_query;
mod s3_4_2_parameters;
mod s3_4_2_query;
mod s3_4_3_search;
mod s3_5_1_mutability;
mod s3_5_1_put;
mod s3_5_2_1_add;
mod s3_5_2_patch;
mod s3_6_delete;
mod s3_7_2_bulk_ids;
mod s3_7_3_bulk_results;
mod s3_7_4_bulk_limits;
mod s3_7_bulk;
mod s3_8_encoding;
mod s3_8_requests;
mod s3_9_projection;
mod s4_discovery;
mod s7_security;

use super::Check;

/// The checks of each file, in the order of the sections.
pub(super) static FILES: &[&[&Check]] = &[
    s1_3_addresses::CHECKS,
    s2_authentication::CHECKS,
    s3_1_media_type::CHECKS,
    s3_2_answers::CHECKS,
    s3_3_create::CHECKS,
    s3_4_1_retrieve::CHECKS,
    s3_4_2_query::CHECKS,
    s3_4_2_parameters::CHECKS,
    s3_4_2_2_filter::CHECKS,
    s3_4_2_3_sort::CHECKS,
    s3_4_2_4_pagination::CHECKS,
    s3_4_2_4_same_query::CHECKS,
    s3_4_3_search::CHECKS,
    s3_5_1_put::CHECKS,
    s3_5_1_mutability::CHECKS,
    s3_5_2_patch::CHECKS,
    s3_5_2_1_add::CHECKS,
    s3_6_delete::CHECKS,
    s3_7_bulk::CHECKS,
    s3_7_2_bulk_ids::CHECKS,
    s3_7_3_bulk_results::CHECKS,
    s3_7_4_bulk_limits::CHECKS,
    s3_8_encoding::CHECKS,
    s3_8_requests::CHECKS,
    s3_9_projection::CHECKS,
    s3_11_me::CHECKS,
    s3_12_errors::CHECKS,
    s3_14_versioning::CHECKS,
    s4_discovery::CHECKS,
    s7_security::CHECKS,
];
