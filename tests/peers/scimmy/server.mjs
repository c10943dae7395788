// A SCIM service provider made of scimmy and scimmy-routers on Express, with its resources in memory.
//
//     SCIM_TOKEN=… node server.mjs [PORT]
//
// Prints its base URL as the first line (port 0 or none: a free one) and ends on SIGTERM or when its input closes.
// What the library leaves to its user is done here by the book: unique user names, filters through scimmy's own
// Filter, 404 for what is not there, at most one primary value, `groups` and the details of `members` derived, time
// stamps that move only with a change. Paging, sorting, projection, PATCH, discovery and HTTP are the library's.
import {randomUUID} from "node:crypto";
import {isDeepStrictEqual} from "node:util";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const {Resources, Schemas, Types} = SCIMMY;
const token = process.env.SCIM_TOKEN;
if (!token) {
    console.error("SCIM_TOKEN is not set");
    process.exit(2);
}

/** The records by id: `{id, created, lastModified, data}`; `data` is what clients may write. */
const users = new Map();
const groups = new Map();

/** What a client may write, as plain JSON: without readOnly attributes and without the password. */
const writable = ({schemas, id, meta, groups, password, ...rest}) => {
    const data = JSON.parse(JSON.stringify(rest));
    delete data[Schemas.EnterpriseUser.id]?.manager?.displayName;
    for (const [name, value] of Object.entries(data)) {
        if (Array.isArray(value) && value.filter((one) => one?.primary).length > 1)
            throw new Types.Error(400, "invalidValue", `More than one of '${name}' is primary`);
    }
    return data;
};

/** Creates a record, or replaces the data of the one that `resource` names; only a change moves lastModified. */
const store = (records, resource, data) => {
    const now = new Date();
    const record = resource.id ? find(records, resource) : {id: randomUUID(), created: now, lastModified: now};
    if (resource.id && !isDeepStrictEqual(record.data, data)) record.lastModified = now;
    records.set(record.id, Object.assign(record, {data}));
    return record;
};

const find = (records, {id}) => {
    if (!records.has(id)) throw new Types.Error(404, null, `Resource ${id} not found`);
    return records.get(id);
};

/**
 * One resource for an id; else all of them, or those that match the request's filter. The filter sees resources as
 * clients do, with `schemas` and the whole of `meta`.
 */
const read = (records, show) => (resource) => {
    if (resource.id) return show(find(records, resource));
    const all = [...records.values()].map(show);
    if (!resource.filter) return all;
    const {schema: Schema, basepath} = resource.constructor;
    const seen = (one) => JSON.parse(JSON.stringify(new Schema(one, "out", basepath())));
    return all.filter((one) => resource.filter.match([seen(one)]).length);
};

const show = ({id, created, lastModified, data}) => ({...data, id, meta: {created, lastModified}});

const showUser = (user) => {
    const memberships = [...groups.values()].filter(({data}) => data.members?.some(({value}) => value === user.id));
    if (!memberships.length) return show(user);
    return {...show(user), groups: memberships.map(({id, data}) => (
        {value: id, $ref: `${Resources.Group.basepath()}/${id}`, display: data.displayName, type: "direct"}))};
};

const showGroup = (group) => {
    if (!group.data.members) return show(group);
    return {...show(group), members: group.data.members.map(({value}) => {
        const [type, record] = users.has(value) ? ["User", users.get(value)] : ["Group", groups.get(value)];
        const display = record.data.displayName ?? record.data.userName;
        return {value, $ref: `${Resources[type].basepath()}/${value}`, display, type};
    })};
};

const writeUser = (resource, instance) => {
    const data = {active: true, ...writable(instance)};
    const wanted = data.userName.toLowerCase();
    for (const {id, data: {userName}} of users.values()) {
        if (id !== resource.id && userName.toLowerCase() === wanted)
            throw new Types.Error(409, "uniqueness", `userName '${data.userName}' is taken`);
    }
    return showUser(store(users, resource, data));
};

const writeGroup = (resource, instance) => {
    const {members = [], ...data} = writable(instance);
    const ids = [...new Set(members.map(({value}) => value))];
    const stranger = ids.find((id) => !users.has(id) && !groups.has(id));
    if (ids.includes(undefined)) throw new Types.Error(400, "invalidValue", "A member has no value");
    if (stranger !== undefined) throw new Types.Error(400, "invalidValue", `There is no member '${stranger}'`);
    if (ids.length) data.members = ids.map((value) => ({value}));
    return showGroup(store(groups, resource, data));
};

/** Deletes a record and every membership that points to it. */
const remove = (records) => (resource) => {
    const {id} = find(records, resource);
    records.delete(id);
    for (const group of groups.values()) {
        const rest = group.data.members?.filter(({value}) => value !== id);
        if (rest && rest.length !== group.data.members.length) {
            const {members, ...data} = group.data;
            Object.assign(group, {lastModified: new Date(), data: rest.length ? {...data, members: rest} : data});
        }
    }
};

Resources.declare(Resources.User, {
    extensions: [{schema: Schemas.EnterpriseUser, required: false}],
    ingress: writeUser, egress: read(users, showUser), degress: remove(users),
}).declare(Resources.Group, {
    ingress: writeGroup, egress: read(groups, showGroup), degress: remove(groups),
});

const app = express();
app.use("/scim/v2", new SCIMMYRouters({
    type: "bearer",
    docUri: "https://example.com/help/token.html",
    baseUri: (request) => `http://${request.headers.host}`,
    // The token is an application's and no user's, so nothing is returned and /Me is not implemented.
    handler: (request) => {
        const [, given] = /^bearer +(.+)$/i.exec(request.header("Authorization") ?? "") ?? [];
        if (given !== token) throw new Error("The bearer token is missing or wrong");
    },
}));

const server = app.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
    console.log(`http://127.0.0.1:${server.address().port}/scim/v2`);
});
process.on("SIGTERM", () => process.exit(0));
process.stdin.on("close", () => process.exit(0)).on("end", () => process.exit(0)).resume();
