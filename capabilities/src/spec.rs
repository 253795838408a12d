//! The documents that the tests' `spec` refers to.

/// A document: the part of a reference before its `#`, and where the document is.
const DOCUMENTS: [(&str, &str); 27] = [
    ("baremetal-v1", "https://docs.openstack.org/api-ref/baremetal/index.html"),
    ("block-storage-v3", "https://docs.openstack.org/api-ref/block-storage/v3/index.html"),
    ("compute-v2.1", "https://docs.openstack.org/api-ref/compute/index.html"),
    ("identity-v3", "https://docs.openstack.org/api-ref/identity/v3/index.html"),
    ("image-v2", "https://docs.openstack.org/api-ref/image/v2/index.html"),
    ("network-v2", "https://docs.openstack.org/api-ref/network/v2/index.html"),
    ("object-storage-v1", "https://docs.openstack.org/api-ref/object-store/index.html"),
    ("redfish", "https://www.dmtf.org/sites/default/files/standards/documents/DSP0266_1.20.1.html"),
    ("redfish-schema", "https://www.dmtf.org/sites/default/files/standards/documents/DSP0268_2024.3.html"),
    ("scs-0100-v3", "https://docs.scs.community/standards/scs-0100-v3-flavor-naming"),
    ("scs-0101-v1", "https://docs.scs.community/standards/scs-0101-v1-entropy"),
    ("scs-0102-v2", "https://docs.scs.community/standards/scs-0102-v2-image-metadata"),
    ("scs-0103-v1", "https://docs.scs.community/standards/scs-0103-v1-standard-flavors"),
    ("scs-0104-v1", "https://docs.scs.community/standards/scs-0104-v1-standard-images"),
    ("scs-0114-v1", "https://docs.scs.community/standards/scs-0114-v1-volume-type-standard"),
    ("scs-0115-v1", "https://docs.scs.community/standards/scs-0115-v1-default-rules-for-security-groups"),
    ("scs-0116-v1", "https://docs.scs.community/standards/scs-0116-v1-key-manager-standard"),
    ("scs-0117-v1", "https://docs.scs.community/standards/scs-0117-v1-volume-backup-service"),
    ("scs-0123-v1", "https://docs.scs.community/standards/scs-0123-v1-mandatory-and-supported-IaaS-services"),
    ("scs-0123-v2", "https://docs.scs.community/standards/scs-0123-v2-services"),
    ("scs-0302-v1", "https://docs.scs.community/standards/scs-0302-v1-domain-manager-role"),
    ("swift-acl", "https://docs.openstack.org/swift/latest/overview_acl.html"),
    ("swift-large-objects", "https://docs.openstack.org/swift/latest/api/large_objects.html"),
    ("swift-middleware", "https://docs.openstack.org/swift/latest/middleware.html"),
    ("swift-object-expiration", "https://docs.openstack.org/swift/latest/api/object-expiration.html"),
    ("swift-object-versioning", "https://docs.openstack.org/swift/latest/api/object_versioning.html"),
    ("swift-temp-url", "https://docs.openstack.org/swift/latest/api/temporary_url_middleware.html"),
];

/// The address of a reference such as `identity-v3#validate-and-show-information-for-token`; none when its document is
/// unknown.
#[must_use]
pub fn address(reference: &str) -> Option<String> {
    let (document, section) = reference.split_once('#')?;
    let (_, address) = DOCUMENTS.iter().find(|(name, _)| *name == document)?;
    Some(format!("{address}#{section}"))
}
