// What crosses the boundary to JavaScript: lists, no logic. Each entry hands over to the module that does the work;
// ts/mls documents it, and reads the buffers that come back (reply.rs).

mod device;
mod group;
mod hub_group;
mod primitives;

pub use device::*;
pub use group::*;
pub use hub_group::*;
pub use primitives::*;

use crate::reply::Reply;

type Bytes = Vec<u8>;

fn pair((first, second): (Bytes, Bytes)) -> Bytes {
    let mut reply = Reply::new();
    reply.bytes(&first).bytes(&second);
    reply.done()
}
