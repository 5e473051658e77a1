// node-oidc-provider, a certified OpenID provider, with claims shaped like those of NHS CIS2. See certified.py.
// Words: its port, the address of our service, our public keys as JSON, where its package is installed.
import { createRequire } from "node:module";

const [, , port, ours, keys, folder] = process.argv;
const { default: Provider } = await import(createRequire(`${folder}/`).resolve("oidc-provider"));
const UID = "555036632103";
let roles = ["R8000", "R8001"];

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: "mscc-coordinator",
    redirect_uris: [`${ours}/accounts/nhs-identity/answer/`],
    response_types: ["code"],
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_signing_alg: "RS512",
    jwks: JSON.parse(keys),
    backchannel_logout_uri: `${ours}/accounts/nhs-identity/signed-out/`,
    backchannel_logout_session_required: true,
  }],
  cookies: { keys: ["for a measurement only"] },
  acrValues: ["AAL3_ANY", "AAL2_ANY"],
  pkce: { methods: ["S256"], required: () => true },
  scopes: ["openid", "profile", "nationalrbacaccess"],
  claims: {
    openid: ["sub"], acr: null, auth_time: null, sid: null,
    nationalrbacaccess: ["nhsid_useruid", "nhsid_nrbac_roles", "id_assurance_level"],
  },
  enabledJWA: { clientAuthSigningAlgValues: ["RS256", "RS512"] },
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
  interactions: { url: (_, interaction) => `/prove/${interaction.uid}` },
  findAccount: (_, id) => ({
    accountId: id,
    claims: async () => ({
      sub: id,
      nhsid_useruid: id,
      id_assurance_level: "3",
      nhsid_nrbac_roles: roles.map((code) => (
        { role_code: `S8000:G8000:${code}`, org_code: "RXX01", role_name: `"Clinical":"Support":"${code}"` })),
    }),
  }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant(
      { clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid profile nationalrbacaccess");
    await grant.save();
    return grant;
  },
});

provider.use(async (ctx, next) => {
  if (ctx.path.startsWith("/prove/")) {
    ctx.respond = false; // somebody proves who they are, as surely as the question asks
    const { params } = await provider.interactionDetails(ctx.req, ctx.res);
    const acr = params.acr_values.split(" ")[0];
    await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: UID, acr } });
  } else if (ctx.path.startsWith("/roles/")) {
    roles = ctx.path.slice("/roles/".length).split(",");
    ctx.status = 204;
  } else {
    await next();
  }
});
provider.on("server_error", (_, error) => console.error(error));
provider.on("backchannel.error", (_, error) => console.error(error));
provider.listen(Number(port), "127.0.0.1");
