// Run by mongosh as the health check of the first member: makes the replica set, then tells whether it has a primary.
/* global rs, db, quit */
const members = ['mongo-1', 'mongo-2', 'mongo-3'];
try {
  rs.status();
} catch (error) {
  if (error.codeName !== 'NotYetInitialized') throw error;
  rs.initiate({
    _id: 'chartseal',
    members: members.map((name, index) => ({ _id: index, host: `${name}:27017` })),
  });
}
quit(db.hello().primary === undefined ? 1 : 0);
