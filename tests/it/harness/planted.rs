//! Which check names what is wrong? `world.named_by_checks(tenant, "UPDATE … WHERE tenant_id = $t")`: the books are right before, and then these
//! checks say that they are not.

use billwright::domain::ids::TenantId;
use billwright::workflows::verify_books;
use diesel::connection::SimpleConnection;

use super::World;

impl World {
    /// Plants a difference in the books of a tenant, `$t`, and gives the checks that name it, each once.
    pub fn named_by_checks(&self, tenant: TenantId, plant: &str) -> Vec<&'static str> {
        let mut session = self.session();
        let before = verify_books::run(&mut session, tenant).unwrap();
        assert!(before.is_right(), "{:#?}", before.differences);
        let sql = plant.replace("$t", &format!("'{}'", tenant.uuid()));
        self.database.connect().batch_execute(&sql).unwrap();
        let report = verify_books::run(&mut session, tenant).unwrap();
        let mut named: Vec<&str> = report.differences.iter().map(|difference| difference.check).collect();
        named.sort_unstable();
        named.dedup();
        named
    }
}
