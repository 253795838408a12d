//! Image v2: <https://docs.openstack.org/api-ref/image/v2/>.

mod data;
mod fixture;
mod images;
mod listing;
mod schemas;
mod tags;
